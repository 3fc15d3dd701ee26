import { MessageBox } from "./support/message-box.js";
import { Controller, Req, Sse } from "@sluice/core";
import { UseGuards } from "@sluice/core";
import { AuthGuard } from "./support/auth.guard.js";

@Controller("private")
export class PrivateEventsController {
  @Sse("notifications")
  @UseGuards(AuthGuard) // Protected SSE endpoint
  async *streamNotifications(@Req() req: any) {
    const userId = req.user.id;

    for await (const notification of this.getNotifications(userId)) {
      yield { data: notification, event: "notification" };
    }
  }
}

// What the controller only mentions: where a user's notifications come from.
export interface PrivateEventsController {
  getNotifications: MessageBox["all"];
}
PrivateEventsController.prototype.getNotifications = (userId) => MessageBox.shared.all(userId);
