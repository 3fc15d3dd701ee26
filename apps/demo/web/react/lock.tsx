import type { EventsOf } from "@sluice/client";
import { sharedTabs } from "@sluice/client/shared";
import { useSse } from "@sluice/react";
import { useEffect } from "react";
import type { DashboardController } from "../../server/examples/dashboard.controller.js";
import { Chamber } from "./chamber.js";
import type { LockProps } from "./lock-props.js";
import { Sparkline } from "./sparkline.js";

type Events = EventsOf<DashboardController["watch"]>;

/** The server as a lock: a boat for each open stream, and the water as high as there is traffic. */
export function Lock({ url, options, isShared, onChange }: LockProps) {
  const stream = useSse<Events>(url, {
    ...options,
    maxEvents: 60,
    ...(isShared && { share: sharedTabs("everyone") }),
  });
  // The card around it shows the state too.
  useEffect(() => onChange(stream), [onChange, stream]);

  const { data: now, events, state } = stream;
  const boats = now?.connections ?? 0;
  return (
    <figure className="lock" data-state={state}>
      <p className="lock-now">
        <b>{boats}</b> open {boats === 1 ? "stream" : "streams"}, <b>{now?.rate ?? 0}</b> events a
        second
      </p>
      <Chamber isOpen={state === "open"} boats={boats} traffic={now?.rate ?? 0} />
      <figcaption className="lock-figures">
        <Sparkline label="Published" unit="/ s" values={events.map(({ data }) => data.rate)} />
        <Sparkline label="Loop delay" unit="ms" values={events.map(({ data }) => data.delay)} />
      </figcaption>
    </figure>
  );
}
