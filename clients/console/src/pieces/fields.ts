// Fields of forms, each with its label, its hint and what the service says is wrong with it.

import { html, nothing, type TemplateResult } from "lit";
import { Directive, directive } from "lit/directive.js";

import { Problem } from "../api/problems";

interface Field {
  name: string;
  label: string;
  value: string;
  change: (value: string) => void;
  hint?: string;
  required?: boolean;
  disabled?: boolean;
  least?: number;
  most?: number;
  error?: Error | null;
  type?: "text" | "password" | "number" | "time" | "date";
  autocomplete?: string;
}

interface Told {
  label: string;
  /** What the service says is wrong with the value; it stands in the place of the hint. */
  wrong: string;
  hint: string | undefined;
}

type Description = string | typeof nothing;

let described = 0;

/** A control under its label. What is said below is its description, and no part of the name that a screen reader tells first. */
class Described extends Directive {
  /** The same at each drawing, and of no other field of the page. */
  readonly #id = `description-${++described}`;

  override render({ label, wrong, hint }: Told, control: (description: Description) => TemplateResult): TemplateResult {
    const text = wrong || hint;
    return html`<div class="field"><label>${label}${control(text ? this.#id : nothing)}</label>
      ${text ? html`<small id=${this.#id} class=${wrong ? "wrong" : ""}>${text}</small>` : nothing}</div>`;
  }
}

const underLabel = directive(Described);

function toldOf({ label, name, hint, error }: Pick<Field, "label" | "name" | "hint" | "error">): Told {
  return { label, hint, wrong: error instanceof Problem ? error.about(name) : "" };
}

export function textField(field: Field): TemplateResult {
  const told = toldOf(field);
  return html`${underLabel(told, (description) => html`<input type=${field.type ?? "text"} name=${field.name} dir="auto" autocomplete=${field.autocomplete ?? "off"} spellcheck="false"
      minlength=${field.least ?? nothing} maxlength=${field.most ?? 4096} ?required=${field.required} ?disabled=${field.disabled}
      aria-describedby=${description} aria-invalid=${told.wrong ? "true" : nothing} .value=${field.value}
      @input=${(event: Event) => field.change((event.target as HTMLInputElement).value)} />`)}`;
}

/** A text of several lines. */
export function areaField(field: Omit<Field, "type"> & { rows: number }): TemplateResult {
  const told = toldOf(field);
  return html`${underLabel(told, (description) => html`<textarea name=${field.name} dir="auto" rows=${field.rows} ?disabled=${field.disabled}
      aria-describedby=${description} aria-invalid=${told.wrong ? "true" : nothing} .value=${field.value}
      @input=${(event: Event) => field.change((event.target as HTMLTextAreaElement).value)}></textarea>`)}`;
}

/** Several values, one a line. */
export function linesField(field: Omit<Field, "value" | "change"> & { value: readonly string[]; change: (value: string[]) => void; rows?: number }): TemplateResult {
  const told = toldOf({ ...field, hint: field.hint ?? "One a line" });
  return html`${underLabel(told, (description) => html`<textarea name=${field.name} dir="auto" rows=${field.rows ?? 2} spellcheck="false"
      aria-describedby=${description} aria-invalid=${told.wrong ? "true" : nothing} .value=${field.value.join("\n")}
      @change=${(event: Event) => field.change((event.target as HTMLTextAreaElement).value.split("\n").map((each) => each.trim()).filter(Boolean))}></textarea>`)}`;
}

export function choiceField(field: Omit<Field, "type"> & { values: readonly (readonly [string, string])[] }): TemplateResult {
  return html`${underLabel(toldOf(field), (description) => html`<select name=${field.name} aria-describedby=${description} @change=${(event: Event) => field.change((event.target as HTMLSelectElement).value)}>
      ${field.values.map(([value, text]) => html`<option value=${value} ?selected=${value === field.value}>${text}</option>`)}
    </select>`)}`;
}

export function tick(label: string, value: boolean, change: (value: boolean) => void, disabled = false): TemplateResult {
  return html`<label class="choice"><input type="checkbox" ?disabled=${disabled} .checked=${value} @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} /> <span dir="auto">${label}</span></label>`;
}

/** Ticks for those of `all` that are in `chosen`, under one legend. */
export function ticks(legend: string, all: readonly (readonly [string, string])[], chosen: readonly string[], change: (chosen: string[]) => void): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<fieldset><legend>${legend}</legend><div class="ticks">${all.map(([value, label]) =>
    tick(label, chosen.includes(value), (on) => change(on ? [...chosen, value] : chosen.filter((each) => each !== value))),
  )}</div></fieldset>`;
}
