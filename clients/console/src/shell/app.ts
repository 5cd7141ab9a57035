// The shell: login, navigation, the screen that the address names, and what to do when the login ends.

import "@awesome.me/webawesome/dist/components/dialog/dialog.js";

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";

import { answerOf, api } from "../api/client";
import { asError } from "../api/problems";
import { icon, type IconName } from "../pieces/icon";
import { ConsoleElement } from "../pieces/element";
import { failure, loading, refusal } from "../pieces/states";
import { viewOf } from "../pieces/view";
import { address, BASE, find, followLinks, type Found, placeAfter, scrollToPlace } from "../router";
import { NAVIGATION, SCREENS } from "../screens";
import { finishLogin, handOver, isAnswer, type Issuer } from "../session/login";
import { session } from "../session/session";
import { choose, isDark } from "./colours";

@customElement("signet-app")
export class SignetApp extends ConsoleElement {
  @state() private issuers: readonly Issuer[] | null = null;
  @state() private error: Error | null = null;
  @state() private found: Found | null = null;
  @state() private working = true;
  @state() private menuOpen = false;
  @state() private againError: Error | null = null;
  @state() private handedOver = false;
  #shown = "";
  #turn = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.replaceChildren(); // what is shown where there is no JavaScript
    window.addEventListener("popstate", (event) => this.follow(placeAfter(event)));
    // What the browser has kept of a page that was left is not shown again as it was.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
    session.addEventListener("changed", () => this.requestUpdate());
    this.addEventListener("click", followLinks);
    void this.start();
  }

  private async start(): Promise<void> {
    if (isAnswer() && handOver()) {
      this.handedOver = true;
      return;
    }
    this.working = true;
    this.error = null;
    try {
      if (isAnswer()) {
        const [tokens, back] = await finishLogin();
        await session.open(tokens);
        history.replaceState(null, "", back);
        await this.follow();
      } else {
        await this.offerLogin();
      }
    } catch (error) {
      this.error = asError(error);
      await this.offerLogin().catch(() => undefined);
    }
    this.working = false;
  }

  private async offerLogin(): Promise<void> {
    const { issuers } = await answerOf(api.GET("/v1/auth-config"));
    this.issuers = issuers;
  }

  private async login(issuer: Issuer): Promise<void> {
    this.working = true;
    this.error = null;
    const here = location.pathname === `${BASE}/login` ? address("") : location.pathname + location.search;
    try {
      await session.begin(issuer, here);
    } catch (error) {
      this.error = asError(error);
      this.working = false;
    }
  }

  private async again(): Promise<void> {
    this.againError = null;
    try {
      await session.again();
    } catch (error) {
      // Begun once more, the window before has nothing to say.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.againError = asError(error);
    }
  }

  private async follow(place = 0): Promise<void> {
    if (session.me === null) return;
    const turn = ++this.#turn;
    const found = find(SCREENS, location.pathname);
    this.menuOpen = false;
    if (found === null) {
      this.found = null;
      return;
    }
    let error: Error | null = null;
    try {
      await found.screen.load();
    } catch (thrown) {
      // The version that this page came with may be gone.
      error = asError(thrown);
    }
    if (turn !== this.#turn) return; // somebody has gone on meanwhile, and the screen of before comes too late
    this.error = error;
    this.found = found;
    document.title = `${found.screen.title} · Signet`;
    const { cursor } = viewOf();
    const shown = `${location.pathname}#${cursor ?? ""}`;
    if (this.#shown !== shown || place > 0) {
      const isFirst = this.#shown === "";
      this.#shown = shown;
      await this.updateComplete;
      // What had the focus went with the screen before: whoever uses the keyboard goes on in this one.
      if (!isFirst && document.activeElement === document.body) this.querySelector<HTMLElement>("#content")?.focus({ preventScroll: true });
      await scrollToPlace(place);
    }
  }

  override render(): TemplateResult {
    if (this.handedOver) return html`<main class="alone"><h1>Signet</h1><p>The answer was handed to the page that asked for the login. This window can be closed.</p></main>`;
    if (session.ending) return html`<main class="alone"><h1>Signet</h1>${loading("the end of your login")}</main>`;
    return session.me === null ? this.renderLogin() : this.renderShell();
  }

  private renderLogin(): TemplateResult {
    return html`<main class="alone">
      <img class="mark" src="/console/icon.svg" alt="" width="56" height="56" />
      <h1>Signet</h1>
      <p class="quiet">Signing certificates, and who may sign with them.</p>
      ${this.issuers === null ? nothing : refusal(this.error)}
      ${this.working
        ? loading("the login")
        : this.issuers === null
          ? failure(this.error ?? new Error("No answer"), () => this.start())
          : this.issuers.length === 0
            ? html`<p>This deployment trusts no identity provider that people log in with.</p>`
            : html`<ul class="issuers">${this.issuers.map(
                (issuer) => html`<li><button type="button" class="wa-brand" @click=${() => this.login(issuer)}>Log in with ${issuer.alias}</button></li>`,
              )}</ul>`}
    </main>`;
  }

  private renderShell(): TemplateResult {
    const me = session.me!;
    return html`
      <a class="skip" href="#content" @click=${this.skip}>Skip to the content</a>
      <header class="top">
        <button type="button" class="icon-button narrow-only" aria-label="Menu" aria-expanded=${this.menuOpen}
          aria-controls="navigation" @click=${() => (this.menuOpen = !this.menuOpen)}>${icon("menu")}</button>
        <a class="brand" href=${address("")}><img src="/console/icon.svg" alt="Signet" width="28" height="28" /> <span class="brand-name" aria-hidden="true">Signet</span></a>
        <span class="spacer"></span>
        <span class="who"><a dir="auto" href=${address("me")}>${me.user}</a>${me.role ? html` <span class="quiet" dir="auto">${me.role.name}</span>` : nothing}</span>
        <button type="button" class="icon-button" aria-label=${isDark() ? "Use light colours" : "Use dark colours"}
          @click=${this.switchColours}>${icon(isDark() ? "sun" : "moon")}</button>
        <button type="button" class="wa-plain" @click=${() => session.end()}>Log out</button>
      </header>
      <div class="frame">
        <nav id="navigation" aria-label="Screens" class=${this.menuOpen ? "open" : ""}>
          <ul>${NAVIGATION().map((each) => {
            const to = address(...each.path.split("/").filter(Boolean));
            const here = each.path === "/" ? /^\/console\/?$/.test(location.pathname) : location.pathname.startsWith(to);
            return html`<li><a href=${to || BASE} aria-current=${here ? "page" : nothing}>${icon(each.navigation!.icon as IconName)} ${each.navigation!.label}</a></li>`;
          })}</ul>
        </nav>
        <main id="content" tabindex="-1">${this.renderScreen()}</main>
      </div>
      <div id="notices" role="status" aria-live="polite"></div>
      ${session.expired ? this.renderExpired() : nothing}
    `;
  }

  private renderScreen(): TemplateResult {
    if (this.error) return html`<h1>${this.found?.screen.title}</h1>${failure(this.error, () => location.reload())}`;
    if (this.found === null) {
      return html`<div class="state empty"><h1>No such page</h1><p>The address leads nowhere in this console.</p><a href=${BASE}>Home</a></div>`;
    }
    return this.found.screen.render(this.found.parameters);
  }

  private renderExpired(): TemplateResult {
    return html`<wa-dialog label="Your login has ended" open without-header @wa-hide=${(event: Event) => {
      if (session.expired) event.preventDefault(); // whatever is behind it would only fail
    }}>
      <h2>Your login has ended</h2>
      <p>Nothing that you have typed is lost. Log in again as <strong dir="auto">${session.me?.user}</strong> in a window of its own.</p>
      ${refusal(this.againError)}
      <div slot="footer" class="buttons">
        <button type="button" class="wa-plain" @click=${() => session.end()}>Log out</button>
        <button type="button" class="wa-brand" autofocus @click=${() => this.again()}>Log in again</button>
      </div>
    </wa-dialog>`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>("#content")?.focus();
  }

  private switchColours(): void {
    choose(!isDark());
    this.requestUpdate();
  }
}
