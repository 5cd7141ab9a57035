// A certificate's settings, edited in place. Where somebody else was quicker, both versions are shown side by side.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";

import { answerOf, api, type Certificate, ifUnchanged, type Schemas } from "../../api/client";
import { type Command, copyAsCommand } from "../../pieces/command";
import { conflict } from "../../pieces/conflict";
import { EditingScreen } from "../../pieces/editing";
import { areaField, textField, tick } from "../../pieces/fields";
import { count, day, fromNow, keyAlgorithm, moment } from "../../pieces/format";
import { notify } from "../../pieces/notices";
import { refusal } from "../../pieces/states";
import { session } from "../../session/session";

type Update = Schemas["UpdateBody"];

const LABELS = {
  alias: "Certificate Alias",
  owner: "Owner",
  description: "Description",
  ask_for_reason: "Ask for a reason when used",
  pin: "Always ask for PIN",
} as const;

@customElement("certificate-overview")
export class CertificateOverview extends EditingScreen<Certificate, Update> {
  @property({ attribute: false }) certificate!: Certificate;

  override render(): TemplateResult {
    const { certificate, error } = this;
    const draft = this.draft ?? {};
    const mayEdit = session.mayOn(certificate, "certificates:edit");
    const mayOwn = session.mayOn(certificate, "certificates:set_owner");
    return html`<div class="columns-two">
      <form @submit=${this.submit}>
        ${mayEdit ? nothing : html`<p class="note">You can look at this certificate; your role does not let you change it.</p>`}
        ${textField({ name: "alias", label: LABELS.alias, most: 128, required: true, disabled: !mayEdit, value: draft.alias ?? certificate.alias, error, change: (alias) => this.set({ alias }) })}
        ${textField({ name: "owner", label: LABELS.owner, most: 256, disabled: !mayOwn, hint: mayOwn ? "A user such as corp/alice, or nobody" : "", value: (draft.owner === undefined ? certificate.owner : draft.owner) ?? "", error, change: (owner) => this.set({ owner: owner.trim() || null }) })}
        ${areaField({ name: "description", label: LABELS.description, rows: 3, disabled: !mayEdit, value: draft.description ?? certificate.description, error, change: (description) => this.set({ description }) })}
        ${tick(LABELS.ask_for_reason, draft.ask_for_reason ?? certificate.status_info.reason_required, (ask_for_reason) => this.set({ ask_for_reason }), !mayEdit)}
        ${tick(LABELS.pin, draft.pin === undefined ? certificate.status_info.pin_required : draft.pin !== null, (on) => this.setPin(on), !mayEdit)}
        ${typeof draft.pin === "string"
          ? textField({ name: "pin", label: "New PIN", type: "password", autocomplete: "new-password", required: true, least: 4, most: 64, value: draft.pin, error, hint: "4 to 64 characters. It is kept as a slow hash and can be read by nobody.", change: (pin) => this.set({ pin }) })
          : nothing}
        ${this.theirs ? this.renderConflict(draft, this.theirs) : refusal(error)}
        ${this.draft
          ? html`<div class="buttons"><button type="submit" class="wa-brand" ?disabled=${this.busy}>Save</button>
              <button type="button" class="wa-plain" @click=${this.reset}>Discard</button></div>
              ${copyAsCommand(this.commandOf(draft))}`
          : nothing}
      </form>
      <dl class="facts">
        <dt>Status</dt><dd>${certificate.status === "enabled" ? "Enabled" : "Disabled: nobody can sign with it"}</dd>
        <dt>Usage Count</dt><dd>${count(certificate.usage_count)}</dd>
        <dt>Last Use</dt><dd>${moment(certificate.last_used_at)}</dd>
        <dt>Valid</dt><dd>${day(certificate.valid_from)} to ${day(certificate.valid_to)} <span class="quiet">${fromNow(certificate.valid_to)}</span></dd>
        <dt>Warned of its expiry</dt><dd>${certificate.expiry.flagged_stage === null ? "not yet" : html`${certificate.expiry.flagged_stage === 0 ? "expired" : `${certificate.expiry.flagged_stage} days before`}, ${moment(certificate.expiry.flagged_at)}`}</dd>
        <dt>Subject</dt><dd dir="auto">${certificate.subject}</dd>
        <dt>Issuer</dt><dd dir="auto">${certificate.issuer}</dd>
        <dt>Key</dt><dd>${keyAlgorithm(certificate.key_algorithm)}${certificate.has_private_key ? "" : ", without its private key"}</dd>
        <dt>Created</dt><dd>${moment(certificate.created_at)} by <span dir="auto">${certificate.created_by}</span></dd>
        <dt>Changed</dt><dd>${moment(certificate.updated_at)}, version ${certificate.version}</dd>
        <dt>Id</dt><dd><code>${certificate.id}</code></dd>
      </dl>
    </div>`;
  }

  private set(change: Update): void {
    this.draft = { ...this.draft, ...change };
  }

  private setPin(on: boolean): void {
    const { pin: _, ...rest } = this.draft ?? {};
    if (on !== this.certificate.status_info.pin_required) this.draft = { ...rest, pin: on ? "" : null };
    else this.draft = Object.keys(rest).length > 0 ? rest : null;
  }

  private commandOf(draft: Update): Command {
    const { alias, description, owner, ask_for_reason, pin } = draft;
    const options = [
      ...(alias === undefined ? [] : ["--alias", alias]),
      ...(description === undefined ? [] : ["--description", description ?? ""]),
      ...(owner === undefined ? [] : ["--owner", owner ?? "none"]),
      ...(ask_for_reason === undefined ? [] : [ask_for_reason ? "--ask-for-reason" : "--no-ask-for-reason"]),
      ...(pin === undefined ? [] : pin === null ? ["--no-pin"] : ["--pin-fd", "0"]),
    ];
    const { id, version } = this.certificate;
    return {
      signet: ["certificates", "update", ...options], names: [this.certificate.alias],
      method: "PATCH", path: `/v1/certificates/${id}`, body: pin ? { ...draft, pin: "…" } : draft, headers: ifUnchanged(version),
    };
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.draft) void this.save(this.draft, this.certificate.version);
  }

  private save(draft: Update, version: number): Promise<void> {
    const path = { certificate: this.certificate.id };
    return this.send(async () => {
      const changed = await answerOf(api.PATCH("/v1/certificates/{certificate}", { params: { path, header: ifUnchanged(version) }, body: draft }));
      notify("Saved");
      this.take(changed);
    }, () => answerOf(api.GET("/v1/certificates/{certificate}", { params: { path } })));
  }

  private renderConflict(draft: Update, theirs: Certificate): TemplateResult {
    const values = (name: string): [unknown, unknown] => {
      const mine = draft[name as keyof Update];
      if (name === "pin") return [mine === null ? "no PIN" : "a new PIN", theirs.status_info.pin_required ? "a PIN" : "no PIN"];
      if (name === "ask_for_reason") return [mine ? "yes" : "no", theirs.status_info.reason_required ? "yes" : "no"];
      return [mine ?? "nobody", theirs[name as "alias" | "owner" | "description"] ?? "nobody"];
    };
    return conflict({
      before: this.certificate,
      theirs,
      settings: Object.keys(draft).map((name) => [LABELS[name as keyof typeof LABELS] ?? name, ...values(name)]),
      overwrite: () => this.save(draft, theirs.version),
      take: () => this.take(theirs),
    });
  }

  private take(certificate: Certificate): void {
    this.reset();
    this.dispatchEvent(new CustomEvent("changed", { detail: certificate }));
  }
}
