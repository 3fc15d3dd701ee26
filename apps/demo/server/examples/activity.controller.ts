import { EventEmitter } from "node:events";
import { Body, Controller, Injectable, Post, Sse, SseStream } from "@sluice/core";
import { z } from "zod";

const Report = z.object({ userId: z.string().min(1), activity: z.string().min(1) });

type Activity = z.infer<typeof Report> & { timestamp: number };

@Injectable()
export class ActivityService extends EventEmitter<{ activity: [Activity] }> {
  track(userId: string, activity: string) {
    this.emit("activity", { userId, activity, timestamp: Date.now() });
  }
}

@Controller("activity")
export class ActivityController {
  constructor(private readonly activities: ActivityService) {
    activities.setMaxListeners(0); // one for each connection
  }

  @Sse("stream")
  stream() {
    const stream = new SseStream<{ activity: Activity }>();
    const forward = (activity: Activity) =>
      stream.send({ event: "activity", id: String(activity.timestamp), data: activity });

    this.activities.on("activity", forward);
    stream.onClose(() => {
      this.activities.off("activity", forward);
    });
    return stream;
  }
}

/** Another controller: it is given the same service. */
@Controller("activity")
export class ActivityReportsController {
  constructor(private readonly activities: ActivityService) {}

  @Post()
  report(@Body(Report) { userId, activity }: z.infer<typeof Report>) {
    this.activities.track(userId, activity);
    return { listeners: this.activities.listenerCount("activity") };
  }
}
