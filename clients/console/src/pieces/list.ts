// What the screens of lists have in common: they load the page that the address names, and follow it.

import { ConsoleElement } from "./element";
import { Loaded } from "./load";
import { type View, viewOf } from "./view";

export abstract class ListScreen<Page> extends ConsoleElement {
  protected readonly page: Loaded<Page>;
  #address = "";

  constructor(what: string) {
    super();
    this.page = new Loaded<Page>(this, what);
  }

  /** Ask for the page that `view` names. */
  protected abstract ask(view: View): Promise<Page>;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("popstate", this.follow);
    void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.follow);
  }

  protected load(): Promise<void> {
    this.#address = location.search;
    return this.page.load(() => this.ask(viewOf()));
  }

  private follow = (): void => {
    if (this.#address !== location.search) void this.load();
  };
}
