// Home: what needs somebody.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Certificate, type Schemas } from "../api/client";
import { ConsoleElement } from "../pieces/element";
import { fromNow, moment, several } from "../pieces/format";
import { Loaded } from "../pieces/load";
import { address } from "../router";
import { session } from "../session/session";
import { validTo } from "./certificates/cells";

interface Needs {
  expiring: Schemas["CertificatePage"];
  expired: Schemas["CertificatePage"];
  disabled: Schemas["CertificatePage"];
  requests: Schemas["RequestPage"] | null;
  refused: Schemas["EventPage"] | null;
}

const LOOKED_AT = 50;
const SHOWN = 5;

@customElement("home-screen")
export class HomeScreen extends ConsoleElement {
  private readonly needs = new Loaded<Needs>(this, "what needs somebody");

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private load(): Promise<void> {
    const certificates = (query: { expiry?: "expiring" | "expired"; status?: "disabled" }) =>
      answerOf(api.GET("/v1/certificates", { params: { query: { ...query, limit: LOOKED_AT, sort: "valid_to" } } }));
    const events = ["events:view_all", "events:view_certificates", "events:view_own"] as const;
    return this.needs.load(async () => {
      const [expiring, expired, disabled, requests, refused] = await Promise.all([
        certificates({ expiry: "expiring" }),
        certificates({ expiry: "expired" }),
        certificates({ status: "disabled" }),
        session.may("signing_requests:view")
          ? answerOf(api.GET("/v1/signing-requests", { params: { query: { status: "pending", limit: 5 } } }))
          : null,
        events.some((each) => session.may(each))
          ? answerOf(api.GET("/v1/events", { params: { query: { outcome: "refused", limit: 5 } } }))
          : null,
      ]);
      return { expiring, expired, disabled, requests, refused };
    });
  }

  override render(): TemplateResult {
    return html`<h1>What needs somebody</h1>${this.needs.show((needs) => this.renderNeeds(needs), () => this.load())}`;
  }

  private renderNeeds({ expiring, expired, disabled, requests, refused }: Needs): TemplateResult {
    return html`<div class="cards">
      ${this.card("Expiring", expiring, "?expiry=expiring&sort=valid_to", "Nothing expires soon.")}
      ${this.card("Expired", expired, "?expiry=expired&sort=valid_to&order=desc", "Nothing has expired.")}
      ${this.card("Disabled", disabled, "?status=disabled", "Everything is enabled.")}
      ${requests === null ? nothing : html`<section class="card"><h2>Waiting for a certificate</h2>
        ${requests.items.length ? html`<ul class="rows">${requests.items.map((each) => html`<li><a dir="auto" href=${address("requests", each.id)}>${each.alias ?? each.subject}</a><span class="quiet">since ${fromNow(each.created_at)}</span></li>`)}</ul>`
          : html`<p class="quiet">No signing request is pending.</p>`}</section>`}
      ${refused === null ? nothing : html`<section class="card"><h2>Refused lately</h2>
        ${refused.items.length ? html`<ul class="rows">${refused.items.map((each) => html`<li><a href=${address("events", each.id)}>${each.type}</a>
          <span class="quiet"><span dir="auto">${each.user}</span> · ${moment(each.occurred_at)}</span></li>`)}</ul>`
          : html`<p class="quiet">Nothing was refused.</p>`}</section>`}
    </div>`;
  }

  private card(title: string, { items, next_cursor }: Schemas["CertificatePage"], filter: string, none: string): TemplateResult {
    // The service may have looked at a part of what it has, and found nothing there.
    const isAll = next_cursor === null;
    const rest = isAll ? `All ${several(items.length, "certificate")}` : "All of them";
    return html`<section class="card"><h2>${title} <span class="quiet">${items.length}${isAll ? "" : " or more"}</span></h2>
      ${items.length === 0 && isAll ? html`<p class="quiet">${none}</p>` : html`${this.certificates(items.slice(0, SHOWN))}<p><a href=${address("certificates") + filter}>${rest}</a></p>`}</section>`;
  }

  private certificates(items: readonly Certificate[]): TemplateResult {
    return html`<ul class="rows">${items.map((each) => html`<li><a dir="auto" href=${address("certificates", each.id)}>${each.alias}</a><span>${validTo(each)}</span></li>`)}</ul>`;
  }
}
