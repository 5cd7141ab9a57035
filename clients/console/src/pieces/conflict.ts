// Somebody else was quicker (412): both versions side by side, and the choice between them.

import { html, type TemplateResult } from "lit";

import { moment } from "./format";

interface Versioned {
  version: number;
  updated_at: string | null;
}

export interface Conflict {
  /** What was looked at when the form was opened. */
  before: Versioned;
  /** What it is now. */
  theirs: Versioned;
  /** Each setting that the form changes: its name, what the form says, what is there now. */
  settings: readonly (readonly [label: string, mine: unknown, theirs: unknown])[];
  overwrite: () => void;
  take: () => void;
}

export function conflict({ before, theirs, settings, overwrite, take }: Conflict): TemplateResult {
  return html`<div class="refusal" role="alert">
    <strong>Somebody else has changed it meanwhile</strong>
    <p>Version ${theirs.version}, ${moment(theirs.updated_at)}. You were looking at version ${before.version}.</p>
    <div class="table"><table><thead><tr><th scope="col">Setting</th><th scope="col">Yours</th><th scope="col">Theirs</th></tr></thead>
      <tbody>${settings.map(([label, mine, other]) => html`<tr><th scope="row">${label}</th><td dir="auto" class="break">${mine}</td><td dir="auto" class="break">${other}</td></tr>`)}</tbody></table></div>
    <div class="buttons"><button type="button" class="wa-brand" @click=${overwrite}>Save mine over it</button>
      <button type="button" @click=${take}>Take theirs</button></div>
  </div>`;
}
