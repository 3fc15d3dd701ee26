import { Body, Controller, Param, Post } from "@sluice/core";
import { ActivityService } from "../activity.js";
import { MessageBox } from "./message-box.js";

// The document prints the streams; these routes make something happen on them.

@Controller("notifications")
export class MessagesPublisher {
  @Post(":userId")
  send(@Param("userId") userId: string, @Body("title") title: string) {
    return MessageBox.shared.put(userId, title);
  }
}

@Controller("activity")
export class ActivityPublisher {
  constructor(private readonly activityService: ActivityService) {}

  @Post()
  track(@Body("userId") userId: string, @Body("activity") activity: string) {
    this.activityService.trackActivity(userId, activity);
    return { listeners: this.activityService.listenerCount("activity") };
  }
}
