// One event, and of a refusal the reason: what was looked at, in which order, and what would do.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type Event, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { copyAsCommand } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { explanation } from "../../pieces/explanation";
import { moment, words } from "../../pieces/format";
import { Loaded } from "../../pieces/load";
import { loading, refusal } from "../../pieces/states";
import { address } from "../../router";
import { session } from "../../session/session";

/** What a code of a refusal means to the person who reads it, and what would do. */
const REASONS: Record<string, string> = {
  certificate_disabled: "The certificate was disabled: nobody can sign with it, not even its owner, until it is enabled.",
  certificate_expired: "The certificate had expired. Renew it.",
  certificate_not_yet_valid: "The certificate was not yet in force.",
  no_private_key: "The certificate is here without its private key.",
  not_allowed_by_policy: "The caller does not own the certificate, and no policy that allows it matched, or one that denies came first.",
  reason_required: "The certificate asks for a reason, and none was given.",
  pin_required: "The certificate asks for a PIN, and none was given.",
  pin_wrong: "The PIN was wrong. Five in a row lock it for 15 minutes.",
  pin_locked: "The PIN was locked after five wrong ones in a row.",
  not_found: "The caller sees no such certificate.",
  not_allowed: "The caller's role does not have the permission, or does not cover the certificate.",
};

@customElement("event-screen")
export class EventScreen extends ConsoleElement {
  @property({ attribute: false }) identifier = "";
  private readonly event = new Loaded<Event>(this, "the event", "Event");
  @state() private why: Schemas["ExplanationBody"] | null = null;
  @state() private whyError: Error | null = null;

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("identifier")) return;
    this.event.value = this.why = this.whyError = null;
    void this.load();
  }

  private async load(): Promise<void> {
    await this.event.load(() => answerOf(api.GET("/v1/events/{id}", { params: { path: { id: this.identifier } } })));
    if (this.event.value && this.explains(this.event.value)) await this.explain(this.event.value);
  }

  private explains(event: Event): boolean {
    return event.type === "Certificate Use Refused" && Boolean(event.certificate) && session.may("policies:view");
  }

  /** The same evaluation as of the moment of the event, under the policies of now. */
  private async explain(event: Event): Promise<void> {
    const { application } = event.detail as { application?: Schemas["ApplicationBody"] };
    try {
      this.why = await answerOf(
        api.POST("/v1/policies/explain", {
          body: {
            certificate: event.certificate!.id,
            user: event.user,
            at: event.occurred_at,
            ...(event.source_ip ? { source_ip: event.source_ip } : {}),
            ...(application ? { application } : {}),
          },
        }),
      );
    } catch (error) {
      this.whyError = asError(error);
    }
  }

  override render(): TemplateResult {
    return this.event.show((event) => this.renderEvent(event), () => this.load());
  }

  private renderEvent(event: Event): TemplateResult {
    const refused = event.outcome === "refused";
    return html`<p class="crumbs"><a href=${address("events")}>Events</a></p>
      <div class="title-row"><h1>${event.type}</h1><span class=${`badge ${refused ? "bad" : "good"}`}>${event.outcome}</span></div>
      ${refused ? html`<section class="card"><h2>Why?</h2><p><code>${event.code}</code> ${REASONS[event.code ?? ""] ?? ""}</p>
        ${this.explains(event) ? html`${this.why ? html`<p class="quiet">As of that moment, under the policies of today, without the user groups of the caller's token:</p>${explanation(this.why)}` : this.whyError ? refusal(this.whyError) : loading("what the policies say")}` : nothing}</section>` : nothing}
      <dl class="facts wide">
        <dt>When</dt><dd>${moment(event.occurred_at)}</dd>
        <dt>Who</dt><dd dir="auto">${event.user}</dd>
        ${event.certificate ? html`<dt>Certificate</dt><dd><a dir="auto" href=${address("certificates", event.certificate.id)}>${event.certificate.alias}</a></dd>` : nothing}
        <dt>From</dt><dd>${event.source_ip || "inside"} <span class="quiet" dir="auto">${event.user_agent}</span></dd>
        ${Object.entries(event.detail).map(([name, value]) => html`<dt>${words(name)}</dt><dd class="break" dir="auto">${typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>`)}
        <dt>Request</dt><dd><code>${event.request_id}</code></dd><dt>Id</dt><dd><code>${event.id}</code></dd>
      </dl>
      ${copyAsCommand({ ...(refused ? { signet: ["why", event.id] } : {}), method: "GET", path: `/v1/events/${event.id}` })}`;
  }
}
