// The states that every screen has beside its content: loading, empty, refused, out of reach, a fault.

import "@awesome.me/webawesome/dist/components/spinner/spinner.js";

import { html, nothing, type TemplateResult } from "lit";

import { LoginError, OutOfReach, Problem } from "../api/problems";

export function loading(what: string): TemplateResult {
  return html`<p class="state" role="status"><wa-spinner aria-hidden="true"></wa-spinner> Loading ${what} …</p>`;
}

export function empty(title: string, text: string, action: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<div class="state empty"><h2>${title}</h2><p>${text}</p>${action}</div>`;
}

/** What went wrong, in place of what was asked for, with a button that asks again. */
export function failure(error: Error, again?: () => void): TemplateResult {
  const [title, text] = wordsFor(error);
  return html`<div class="state failure" role="alert">
    <h2>${title}</h2>
    <p dir="auto">${text}</p>
    ${error instanceof Problem && error.requestId ? html`<p class="quiet">Request ${error.requestId}</p>` : nothing}
    ${again ? html`<button type="button" @click=${again}>Try again</button>` : nothing}
  </div>`;
}

/** The same beside a form, whose fields stay as they are. */
export function refusal(error: Error | null): TemplateResult | typeof nothing {
  if (error === null) return nothing;
  const [title, text] = wordsFor(error);
  const fields = error instanceof Problem ? error.fields : [];
  return html`<div class="refusal" role="alert">
    <strong>${title}</strong>
    <p dir="auto">${text}</p>
    ${fields.length ? html`<ul>${fields.map((each) => html`<li><code>${each.field}</code> <bdi>${each.message}</bdi></li>`)}</ul>` : nothing}
  </div>`;
}

function wordsFor(error: Error): [string, string] {
  if (error instanceof OutOfReach) {
    return ["The service does not answer", "Nothing was lost. Check the network, and try again."];
  }
  if (error instanceof Problem) {
    if (error.status === 404) return ["Not there", "It does not exist, it was deleted, or your role does not show it to you."];
    if (error.status === 429) return ["Too many requests", `Try again in ${error.retryAfterSeconds ?? "a few"} seconds.`];
    if (error.status >= 500) return ["The service cannot answer now", error.message];
    return [error.title, error.message];
  }
  if (error instanceof LoginError) return [error.title, error.message];
  return ["Something went wrong in this page", error.message];
}
