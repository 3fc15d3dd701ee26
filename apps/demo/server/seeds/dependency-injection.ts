import { MessageBox } from "./support/message-box.js";
import { Controller, Sse, Query } from "@sluice/core";
import { Injectable } from "@sluice/core";

@Injectable()
export class NotificationService {
  async *subscribe(userId: string) {
    // Your notification logic
    while (true) {
      const notification = await this.getNextNotification(userId);
      if (notification) yield notification;
      await new Promise((r) => setTimeout(r, 1000));
    }
  }
}

@Controller("notifications")
export class NotificationsController {
  constructor(private notificationService: NotificationService) {}

  @Sse("stream")
  async *streamNotifications(@Query("userId") userId: string) {
    yield { data: { message: "Connected" }, event: "connected" };

    for await (const notification of this.notificationService.subscribe(
      userId,
    )) {
      yield {
        data: notification,
        event: "notification",
        id: notification.id,
      };
    }
  }
}

// What the service only mentions: where its next notification comes from.
export interface NotificationService {
  getNextNotification: MessageBox["next"];
}
NotificationService.prototype.getNextNotification = (userId) => MessageBox.shared.next(userId);
