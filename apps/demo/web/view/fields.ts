import { initialValues, type Field, type Values } from "../catalogue/example.js";
import { el } from "./dom.js";

/** Inputs for the values of an example, and what they hold. */
export class Fields {
  readonly elements: readonly HTMLElement[];
  readonly #values: Record<string, string>;
  readonly #controls = new Map<string, HTMLInputElement | HTMLSelectElement>();

  /**
   * @param prefix - makes the ids of the inputs unique on the page
   * @param onChange - called after each change
   */
  constructor(prefix: string, fields: readonly Field[], onChange: () => void = () => {}) {
    this.#values = { ...initialValues(fields) };
    this.elements = fields.map((field) => {
      const id = `${prefix}-${field.name}`;
      const control = makeControl(field, id);
      this.#controls.set(field.name, control);
      control.addEventListener("input", () => {
        this.#values[field.name] = control.value;
        onChange();
      });
      return el("div.field", {}, el("label", { for: id }, field.label), control);
    });
  }

  get values(): Values {
    return this.#values;
  }

  set(name: string, value: string): void {
    const control = this.#controls.get(name);
    if (control === undefined) return;
    control.value = value;
    this.#values[name] = value;
  }
}

function makeControl(field: Field, id: string): HTMLInputElement | HTMLSelectElement {
  if (field.options === undefined) {
    return el("input", { id, value: field.value, autocomplete: "off", spellcheck: "false" });
  }
  const options = field.options.map(({ value, label }) =>
    el("option", { value, selected: value === field.value }, label),
  );
  return el("select", { id }, ...options);
}
