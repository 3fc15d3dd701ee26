import { type Call, fillPath, fillText, type Values } from "../catalogue/example.js";

/** What came of a call. */
export interface Answer {
  readonly ok: boolean;
  /** Says it in a sentence. */
  readonly text: string;
}

/**
 * Posts to the server.
 *
 * @param own - the values of the form, which make the body where the call has none of its own
 * @param around - further values, for the path, the headers and the call's own body
 */
export async function postCall(call: Call, own: Values, around: Values = {}): Promise<Answer> {
  const values = { ...around, ...own };
  const headers = new Headers({ "Content-Type": "application/json" });
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    headers.set(name, fillText(value, values));
  }
  try {
    const response = await fetch(fillPath(call.path, values), {
      method: "POST",
      headers,
      body: JSON.stringify(call.body?.(values) ?? own),
    });
    const text = await response.text();
    const answer = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (response.ok)
      return { ok: true, text: call.describe(answer, response.headers.get("x-node") ?? undefined) };
    const { message } = answer;
    const why = typeof message === "string" ? message : text;
    return { ok: false, text: `Refused with ${response.status}: ${why}` };
  } catch {
    return { ok: false, text: "The server did not answer." };
  }
}
