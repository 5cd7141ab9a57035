// What a certificate has to do with: its groups, the policies about it, and who can sign with it.

import { html, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";

import { answerOf, api, type Certificate, type Schemas } from "../../api/client";
import { ConsoleElement } from "../../pieces/element";
import { Loaded } from "../../pieces/load";
import { ofGroup } from "../../router";
import { policyName } from "../certificates/cells";

const CAN_SIGN = { always: ["Can sign", "good"], conditionally: ["Under conditions", "warn"], never: ["Cannot sign", "off"] } as const;

@customElement("certificate-related")
export class CertificateRelated extends ConsoleElement {
  @property({ attribute: false }) certificate!: Certificate;
  private readonly related = new Loaded<Schemas["RelatedBody"]>(this, "what is related");

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private load(): Promise<void> {
    return this.related.load(() =>
      answerOf(api.GET("/v1/certificates/{certificate}/related", { params: { path: { certificate: this.certificate.id } } })),
    );
  }

  override render(): TemplateResult {
    return this.related.show((related) => this.renderRelated(related), () => this.load());
  }

  private renderRelated(related: Schemas["RelatedBody"]): TemplateResult {
    return html`<div class="cards">
      <section class="card"><h2>Certificate Groups</h2>
        ${related.groups.length
          ? html`<ul class="rows">${related.groups.map((each) => html`<li><a dir="auto" href=${ofGroup(each.id)}>${each.name}</a></li>`)}</ul>`
          : html`<p class="quiet">It is in no group.</p>`}
      </section>
      <section class="card"><h2>Related Policies</h2>
        ${related.policies.length
          ? html`<ul class="rows">${related.policies.map((each) => html`<li>${policyName(each)}
              <span><span class=${`badge ${each.action === "allow" ? "good" : "bad"}`}>${each.action}</span> <span class="quiet">priority ${each.priority}${each.enabled ? "" : ", disabled"}</span></span></li>`)}</ul>`
          : html`<p class="quiet">No policy names it.</p>`}
      </section>
      ${this.renderSigners("Associated Users", related.users, "No policy names a user for it, and nobody owns it.")}
      ${this.renderSigners("Associated User Groups", related.user_groups, "No policy names a user group for it.")}
    </div>`;
  }

  private renderSigners(title: string, signers: Schemas["RelatedBody"]["users"], none: string): TemplateResult {
    return html`<section class="card"><h2>${title}</h2>
      ${signers.length
        ? html`<ul class="rows">${signers.map((each) => {
            const [text, kind] = CAN_SIGN[each.can_sign];
            return html`<li><span dir="auto">${each.name}</span><span>${each.name === this.certificate.owner ? html`<span class="badge info">Owner</span> ` : ""}<span class=${`badge ${kind}`}>${text}</span></span></li>`;
          })}</ul>`
        : html`<p class="quiet">${none}</p>`}
    </section>`;
  }
}
