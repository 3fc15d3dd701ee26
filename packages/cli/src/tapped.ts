import type { OpenLine } from "@sluice/client";

/** Events of Sluice's own, which the client reads itself. */
const CONTROL = "sluice.";
const POSITION = "sluice.position";

/**
 * Stands between the client and its line, and hands on the data of events as a JSON string: the client reads JSON, so
 * that what comes out is the text as it was sent.
 *
 * @param onPosition - is told the id of each position, of which the client says nothing
 */
export function tapped(open: OpenLine, onPosition: (id: string) => void): OpenLine {
  return (target) =>
    open({
      get lastEventId() {
        return target.lastEventId;
      },
      change: (...change) => target.change(...change),
      take(message) {
        const { event = "message", data, id } = message;
        if (!event.startsWith(CONTROL)) {
          return target.take({ ...message, data: JSON.stringify(data) });
        }
        const taking = target.take(message);
        if (event !== POSITION || id === undefined) return taking;
        // Only now all that came before it is dealt with.
        return Promise.resolve(taking).then(() => onPosition(id));
      },
    });
}
