// What the console's own elements have in common: they render into the page itself, so that its one style sheet and the
// names that a screen reader follows reach into them.

import { LitElement } from "lit";

export abstract class ConsoleElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
