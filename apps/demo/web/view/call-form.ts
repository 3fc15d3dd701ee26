import type { Call, Values } from "../catalogue/example.js";
import { button, el } from "./dom.js";
import { Fields } from "./fields.js";
import { postCall } from "./post-call.js";

/**
 * A form that posts to the server and says what it answered.
 *
 * @param around - values besides those of the form
 */
export function callForm(
  prefix: string,
  call: Call,
  around: () => Values = () => ({}),
): HTMLFormElement {
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
  );
  const post = async (values: Values, clears?: string) => {
    const { ok, text } = await postCall(call, values, around());
    answer.textContent = text;
    answer.classList.toggle("call-refused", !ok);
    if (ok && clears !== undefined) fields.set(clears, "");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void post(fields.values, call.clears);
  });
  const { instead } = call;
  if (instead !== undefined) {
    form.append(
      button(
        instead.label,
        () => void post({ ...fields.values, ...instead.values }),
        "button-quiet",
      ),
    );
  }
  form.append(answer);
  return form;
}
