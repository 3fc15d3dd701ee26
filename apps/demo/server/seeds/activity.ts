import { Controller, Injectable, Sse, SseStream } from "@sluice/core";
import { EventEmitter } from "node:events";

@Injectable()
export class ActivityService extends EventEmitter {
  trackActivity(userId: string, activity: string) {
    this.emit("activity", { userId, activity, timestamp: Date.now() });
  }
}

@Controller("activity")
export class ActivityController {
  constructor(private activityService: ActivityService) {}

  @Sse("stream")
  streamActivity() {
    const stream = new SseStream();

    const handler = (activity: any) => {
      stream.send({
        data: activity,
        event: "activity",
        id: String(activity.timestamp),
      });
    };

    this.activityService.on("activity", handler);

    stream.onClose(() => {
      this.activityService.off("activity", handler);
    });

    return stream;
  }
}
