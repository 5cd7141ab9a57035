// What has happened to a certificate, newest first.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type Certificate, type Event } from "../../api/client";
import { ConsoleElement } from "../../pieces/element";
import { eventTable } from "../../pieces/events";
import { Loaded } from "../../pieces/load";
import { empty } from "../../pieces/states";
import { session } from "../../session/session";

interface Page {
  items: Event[];
  next: string | null;
}

@customElement("certificate-activity")
export class CertificateActivity extends ConsoleElement {
  @property({ attribute: false }) certificate!: Certificate;
  @state() private older: Event[] = [];
  private readonly page = new Loaded<Page>(this, "its events");

  private get mayLook(): boolean {
    return (["events:view_all", "events:view_certificates", "events:view_own"] as const).some((each) => session.may(each));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.mayLook) void this.load(null);
  }

  private load(cursor: string | null): Promise<void> {
    return this.page.load(async () => {
      const { items, next_cursor } = await answerOf(
        api.GET("/v1/certificates/{certificate}/events", {
          params: { path: { certificate: this.certificate.id }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
        }),
      );
      return { items, next: next_cursor };
    });
  }

  override render(): TemplateResult {
    if (!this.mayLook) return empty("Not for you", "Your role does not let you look at events.");
    return this.page.show(({ items, next }) => {
      const all = [...this.older, ...items];
      if (all.length === 0) return empty("No events", "You see none of its events.");
      return html`${eventTable(all, { withCertificate: false })}
        ${next === null ? nothing : html`<button type="button" ?disabled=${this.page.busy} @click=${() => this.more(all, next)}>Show older events</button>`}`;
    }, () => this.load(null));
  }

  private async more(shown: Event[], cursor: string): Promise<void> {
    await this.load(cursor);
    if (this.page.error === null) this.older = shown;
  }
}
