// What screens with a form over one thing have in common: what is typed, and what the service says of it.

import { state } from "lit/decorators.js";

import { asError, Problem } from "../api/problems";
import { ConsoleElement } from "./element";

export abstract class EditingScreen<Thing, Draft> extends ConsoleElement {
  /** What is typed; null where nothing is being changed. */
  @state() protected draft: Draft | null = null;
  @state() protected busy = false;
  @state() protected error: Error | null = null;
  /** What somebody else has made of it meanwhile. */
  @state() protected theirs: Thing | null = null;

  protected reset(): void {
    this.draft = null;
    this.error = null;
    this.theirs = null;
  }

  /** Do `order`. What is refused is shown, and nothing typed is lost; where somebody else was quicker (412), `now` is asked. */
  protected async send(order: () => Promise<void>, now: () => Promise<Thing>): Promise<void> {
    this.busy = true;
    this.error = null;
    this.theirs = null;
    try {
      await order();
    } catch (error) {
      this.error = asError(error);
      if (error instanceof Problem && error.status === 412) {
        await now().then((theirs) => (this.theirs = theirs), (thrown: unknown) => (this.error = asError(thrown)));
      }
    }
    this.busy = false;
  }
}
