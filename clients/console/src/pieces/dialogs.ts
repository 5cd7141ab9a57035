// Dialogs, one at a time: a question before what cannot be taken back, or a form of a few fields.

import "@awesome.me/webawesome/dist/components/dialog/dialog.js";

import type WaDialog from "@awesome.me/webawesome/dist/components/dialog/dialog.js";
import { html, nothing, render, type TemplateResult } from "lit";

import { asError, Problem } from "../api/problems";
import { refusal } from "./states";

export interface Question {
  title: string;
  /** Drawn again after each `change`. */
  content: (change: () => void) => TemplateResult;
  confirm: string;
  dangerous?: boolean;
  /** Whether it can be confirmed now. */
  ready?: () => boolean;
  /** Does it; what is thrown is shown, and the dialog stays as it is. */
  act: () => Promise<void>;
  /** Where somebody else was quicker (412), both versions in the place of the refusal; `again` acts once more, `drop` takes it away. */
  compare?: (again: () => void, drop: () => void) => Promise<TemplateResult>;
}

/** Ask; whether something is no longer as it was shown: it was confirmed and done, or what it is about is gone. */
export async function ask(question: Question): Promise<boolean> {
  let error: Error | null = null;
  let compared: TemplateResult | null = null;
  let busy = false;
  let done = false;
  let gone = false;
  const drop = (): void => {
    error = null;
    compared = null;
    draw();
  };
  const act = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    busy = true;
    drop();
    try {
      await question.act();
      done = true;
    } catch (thrown) {
      error = asError(thrown);
      gone = thrown instanceof Problem && thrown.status === 404;
      if (thrown instanceof Problem && thrown.status === 412) {
        compared = (await question.compare?.(() => void act(), drop).catch(() => null)) ?? null;
      }
    }
    busy = false;
    draw();
    if (done) close();
  };
  const { draw, close, closed } = open(question.title, () => ({
    content: html`<form id="question" @submit=${act}>${question.content(() => draw())} ${compared ?? refusal(error)}</form>`,
    buttons: html`<button type="button" class="wa-plain" @click=${() => close()}>Cancel</button>
      <button type="submit" form="question" class=${question.dangerous ? "wa-danger" : "wa-brand"}
        ?disabled=${busy || question.ready?.() === false}>${busy ? "Working …" : question.confirm}</button>`,
  }));
  draw();
  await closed;
  return done || gone;
}

/** Show something that asks nothing. */
export function tell(title: string, content: TemplateResult): void {
  const { draw, close } = open(title, () => ({
    content,
    buttons: html`<button type="button" class="wa-brand" autofocus @click=${() => close()}>Close</button>`,
  }));
  draw();
}

/** A dialog over the page, there once it is drawn; `closed` when it is gone, and the focus back where it was. */
function open(title: string, parts: () => { content: TemplateResult; buttons: TemplateResult }): { draw: () => void; close: () => void; closed: Promise<void> } {
  const place = document.createElement("div");
  document.body.append(place);
  const from = document.activeElement;
  const close = (): void => {
    place.querySelector<WaDialog>("wa-dialog")!.open = false;
  };
  let end: () => void;
  const closed = new Promise<void>((resolve) => (end = resolve));
  const hidden = (event: Event): void => {
    if (event.target !== place.querySelector("wa-dialog")) return;
    window.removeEventListener("popstate", close);
    render(nothing, place);
    place.remove();
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    end();
  };
  const draw = (): void => {
    const { content, buttons } = parts();
    render(
      html`<wa-dialog label=${title} open @wa-after-hide=${hidden}>${content}<div slot="footer" class="buttons">${buttons}</div></wa-dialog>`,
      place,
    );
  };
  // What it is about belongs to the screen below: whoever goes back leaves both.
  window.addEventListener("popstate", close);
  return { draw, close, closed };
}
