// Loads what a screen shows, and knows in which of its states that is.

import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";

import { asError } from "../api/problems";
import { failure, loading } from "./states";

/** One thing that is asked for; the newest question wins, whatever the order of the answers. */
export class Loaded<T> implements ReactiveController {
  value: T | null = null;
  error: Error | null = null;
  busy = false;
  #turn = 0;

  /** `title` is the heading of the screen until there is a thing to be named in it; none where the screen has one of its own. */
  constructor(private readonly host: ReactiveControllerHost, private readonly what: string, private readonly title = "") {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Ask; what is there stays on the screen until the answer comes. */
  async load(ask: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    this.host.requestUpdate();
    try {
      const value = await ask();
      if (turn !== this.#turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.error = asError(error);
    }
    this.busy = false;
    this.host.requestUpdate();
  }

  /** The content, or the state in its place. */
  show(content: (value: T) => TemplateResult, again: () => void): TemplateResult {
    if (this.error === null && this.value !== null) return content(this.value);
    return html`${this.title ? html`<h1>${this.title}</h1>` : nothing}
      ${this.error === null || this.busy ? loading(this.what) : failure(this.error, again)}`;
  }
}
