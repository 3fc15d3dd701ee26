import { fillPath, type Call } from "../catalogue/example.js";
import { el } from "./dom.js";
import { Fields } from "./fields.js";

/** A form that posts to the server and says what it answered. */
export function callForm(prefix: string, call: Call): HTMLFormElement {
  const fields = new Fields(`${prefix}-call`, call.fields);
  const send = el("button.button", { type: "submit" }, call.label);
  const answer = el("output.call-answer", {
    for: call.fields.map(({ name }) => `${prefix}-call-${name}`).join(" "),
  });
  const form = el(
    "form.call",
    { "aria-label": `${call.label}: POST ${call.path}` },
    ...fields.elements,
    send,
    answer,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void post(call, fields).then((text) => {
      answer.textContent = text;
    });
  });
  return form;
}

async function post(call: Call, { values }: Fields): Promise<string> {
  try {
    const response = await fetch(fillPath(call.path, values), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(call.body?.(values) ?? values),
    });
    const text = await response.text();
    const answer = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (response.ok) return call.describe(answer);
    const { message } = answer;
    return `Refused with ${response.status}: ${typeof message === "string" ? message : text}`;
  } catch {
    return "The server did not answer.";
  }
}
