// Fields of forms, each with its label, its hint and what the service says is wrong with it.

import { html, nothing, type TemplateResult } from "lit";

import { Problem } from "../api/problems";

interface Field {
  name: string;
  label: string;
  value: string;
  change: (value: string) => void;
  hint?: string;
  required?: boolean;
  most?: number;
  error?: Error | null;
  type?: "text" | "password" | "number" | "time" | "date";
  autocomplete?: string;
}

function problem(error: Error | null | undefined, name: string): string {
  return error instanceof Problem ? error.about(name) : "";
}

export function textField(field: Field): TemplateResult {
  const wrong = problem(field.error, field.name);
  return html`<label>${field.label}
    <input type=${field.type ?? "text"} name=${field.name} dir="auto" autocomplete=${field.autocomplete ?? "off"} spellcheck="false"
      maxlength=${field.most ?? 4096} ?required=${field.required} aria-invalid=${wrong ? "true" : nothing} .value=${field.value}
      @input=${(event: Event) => field.change((event.target as HTMLInputElement).value)} />
    ${wrong ? html`<small class="wrong">${wrong}</small>` : field.hint ? html`<small>${field.hint}</small>` : nothing}</label>`;
}

/** Several values, one a line. */
export function linesField(field: Omit<Field, "value" | "change"> & { value: readonly string[]; change: (value: string[]) => void; rows?: number }): TemplateResult {
  const wrong = problem(field.error, field.name);
  return html`<label>${field.label}
    <textarea name=${field.name} dir="auto" rows=${field.rows ?? 2} spellcheck="false" aria-invalid=${wrong ? "true" : nothing} .value=${field.value.join("\n")}
      @change=${(event: Event) => field.change((event.target as HTMLTextAreaElement).value.split("\n").map((each) => each.trim()).filter(Boolean))}></textarea>
    ${wrong ? html`<small class="wrong">${wrong}</small>` : html`<small>${field.hint ?? "One a line"}</small>`}</label>`;
}

export function choiceField(field: Omit<Field, "type"> & { values: readonly (readonly [string, string])[] }): TemplateResult {
  return html`<label>${field.label}
    <select name=${field.name} @change=${(event: Event) => field.change((event.target as HTMLSelectElement).value)}>
      ${field.values.map(([value, text]) => html`<option value=${value} ?selected=${value === field.value}>${text}</option>`)}
    </select>${field.hint ? html`<small>${field.hint}</small>` : nothing}</label>`;
}

export function tick(label: string, value: boolean, change: (value: boolean) => void): TemplateResult {
  return html`<label class="choice"><input type="checkbox" .checked=${value} @change=${(event: Event) => change((event.target as HTMLInputElement).checked)} /> <span dir="auto">${label}</span></label>`;
}

/** Ticks for those of `all` that are in `chosen`, under one legend. */
export function ticks(legend: string, all: readonly (readonly [string, string])[], chosen: readonly string[], change: (chosen: string[]) => void): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<fieldset><legend>${legend}</legend><div class="ticks">${all.map(([value, label]) =>
    tick(label, chosen.includes(value), (on) => change(on ? [...chosen, value] : chosen.filter((each) => each !== value))),
  )}</div></fieldset>`;
}
