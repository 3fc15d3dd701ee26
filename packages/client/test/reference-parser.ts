/** An event as the standard dispatches it. */
export interface ReferenceEvent {
  readonly event: string;
  readonly data: string;
  /** The id that the client has when it gets the event. */
  readonly lastEventId: string;
}

export interface Reference {
  readonly events: ReferenceEvent[];
  readonly lastEventId: string;
  readonly retry: number | undefined;
}

/**
 * Reads a whole stream the way WHATWG HTML, section 9.2.6, says it, step by step: what the client's own parser is
 * measured by.
 */
export function readByTheStandard(stream: Uint8Array): Reference {
  const text = new TextDecoder().decode(stream);
  const lines = text.split(/\r\n|\n|\r/);
  // The last one has not ended.
  lines.pop();
  const events: ReferenceEvent[] = [];
  let [data, type, idBuffer, lastEventId] = ["", "", "", ""];
  let retry: number | undefined;
  for (const line of lines) {
    if (line === "") {
      lastEventId = idBuffer;
      if (data !== "") {
        events.push({ event: type || "message", data: data.replace(/\n$/, ""), lastEventId });
      }
      data = "";
      type = "";
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    switch (field) {
      case "event":
        type = value;
        break;
      case "data":
        data += `${value}\n`;
        break;
      case "id":
        if (!value.includes("\0")) idBuffer = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) retry = Number.parseInt(value, 10);
        break;
      default:
    }
  }
  return { events, lastEventId, retry };
}
