import { expectTypeOf, it } from "vitest";
import type * as told from "../../fastify/src/diagnostics.js";
import type { Messages } from "./messages.js";

it("Q5: what is read of a message is what the plugin publishes", () => {
  interface Published {
    "sluice:connection:opened": told.ConnectionOpened;
    "sluice:connection:first-event": told.FirstEvent;
    "sluice:connection:sent": told.ConnectionSent;
    "sluice:connection:drained": told.ConnectionDrained;
    "sluice:connection:dropped": told.ConnectionCounted;
    "sluice:connection:replayed": told.ConnectionCounted;
    "sluice:connection:reset": told.ConnectionCounted;
    "sluice:connection:refused": told.ConnectionRefused;
    "sluice:connection:closed": told.ConnectionClosed;
    "sluice:producer:stuck": told.ProducerStuck;
    "sluice:run:started": told.RunStarted;
    "sluice:run:ended": told.RunEnded;
  }
  expectTypeOf<keyof Messages>().toEqualTypeOf<keyof Published>();
  expectTypeOf<Published>().toExtend<Messages>();
});
