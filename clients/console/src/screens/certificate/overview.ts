// A certificate's settings, edited in place. Where somebody else was quicker, both versions are shown side by side.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type Certificate, ifUnchanged, type Schemas } from "../../api/client";
import { asError, Problem } from "../../api/problems";
import { type Command, copyAsCommand } from "../../pieces/command";
import { conflict } from "../../pieces/conflict";
import { ConsoleElement } from "../../pieces/element";
import { count, day, fromNow, keyAlgorithm, moment } from "../../pieces/format";
import { notify } from "../../pieces/notices";
import { refusal } from "../../pieces/states";
import { session } from "../../session/session";

type Update = Schemas["UpdateBody"];

const LABELS: Record<string, string> = {
  alias: "Certificate Alias",
  owner: "Owner",
  description: "Description",
  ask_for_reason: "Ask for a reason when used",
  pin: "Always ask for PIN",
};

@customElement("certificate-overview")
export class CertificateOverview extends ConsoleElement {
  @property({ attribute: false }) certificate!: Certificate;
  @state() private draft: Update = {};
  @state() private busy = false;
  @state() private error: Error | null = null;
  /** What somebody else has made of it meanwhile. */
  @state() private theirs: Certificate | null = null;

  override render(): TemplateResult {
    const { certificate } = this;
    const mayEdit = session.mayOn(certificate, "certificates:edit");
    const mayOwn = session.mayOn(certificate, "certificates:set_owner");
    return html`<div class="columns-two">
      <form @submit=${this.save}>
        ${mayEdit ? nothing : html`<p class="note">You can look at this certificate; your role does not let you change it.</p>`}
        ${this.text("alias", certificate.alias, mayEdit, 128)}
        ${this.text("owner", certificate.owner ?? "", mayOwn, 256, "A user such as corp/alice, or nobody")}
        ${this.area(mayEdit)}
        <label class="choice"><input type="checkbox" ?disabled=${!mayEdit} .checked=${this.draft.ask_for_reason ?? certificate.status_info.reason_required}
          @change=${(event: Event) => this.set({ ask_for_reason: (event.target as HTMLInputElement).checked })} /> Ask for a reason when used</label>
        <label class="choice"><input type="checkbox" ?disabled=${!mayEdit} .checked=${this.asksForPin}
          @change=${(event: Event) => this.setPin((event.target as HTMLInputElement).checked)} /> Always ask for PIN</label>
        ${this.draft.pin !== undefined && this.draft.pin !== null
          ? html`<label>New PIN<input type="password" name="pin" autocomplete="new-password" required minlength="4" maxlength="64" .value=${this.draft.pin}
              @input=${(event: Event) => this.set({ pin: (event.target as HTMLInputElement).value })} /><small>4 to 64 characters. It is kept as a slow hash and can be read by nobody.</small></label>`
          : nothing}
        ${this.theirs ? this.renderConflict(this.theirs) : refusal(this.error)}
        ${this.isChanged
          ? html`<div class="buttons"><button type="submit" class="wa-brand" ?disabled=${this.busy}>Save</button>
              <button type="button" class="wa-plain" @click=${this.reset}>Discard</button></div>
              ${copyAsCommand(this.command)}`
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

  private text(name: "alias" | "owner", now: string, may: boolean, most: number, hint = ""): TemplateResult {
    const problem = this.error instanceof Problem ? this.error.about(name) : "";
    return html`<label>${LABELS[name]}
      <input type="text" name=${name} dir="auto" autocomplete="off" spellcheck="false" maxlength=${most} ?disabled=${!may} ?required=${name === "alias"}
        aria-invalid=${problem ? "true" : nothing} .value=${this.draft[name] ?? (this.draft[name] === null ? "" : now)}
        @input=${(event: Event) => {
          const { value } = event.target as HTMLInputElement;
          this.set({ [name]: name === "owner" && value.trim() === "" ? null : value });
        }} />${hint && may ? html`<small>${hint}</small>` : nothing}</label>`;
  }

  private area(may: boolean): TemplateResult {
    return html`<label>Description
      <textarea name="description" rows="3" dir="auto" ?disabled=${!may} .value=${this.draft.description ?? this.certificate.description}
        @input=${(event: Event) => this.set({ description: (event.target as HTMLTextAreaElement).value })}></textarea></label>`;
  }

  private get asksForPin(): boolean {
    if (this.draft.pin === undefined) return this.certificate.status_info.pin_required;
    return this.draft.pin !== null;
  }

  private setPin(on: boolean): void {
    const { pin: _, ...rest } = this.draft;
    if (on === this.certificate.status_info.pin_required) this.draft = rest;
    else this.draft = { ...rest, pin: on ? "" : null };
  }

  private get isChanged(): boolean {
    return Object.keys(this.draft).length > 0;
  }

  /** As a command shows it: never a PIN. */
  private get shown(): Update {
    return this.draft.pin ? { ...this.draft, pin: "…" } : this.draft;
  }

  private get command(): Command {
    const { alias, description, owner, ask_for_reason, pin } = this.draft;
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
      method: "PATCH", path: `/v1/certificates/${id}`, body: this.shown, headers: ifUnchanged(version),
    };
  }

  private set(change: Update): void {
    this.draft = { ...this.draft, ...change };
  }

  private reset(): void {
    this.draft = {};
    this.error = null;
    this.theirs = null;
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    await this.send(this.certificate.version);
  }

  private async send(version: number): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      const changed = await answerOf(
        api.PATCH("/v1/certificates/{certificate}", {
          params: { path: { certificate: this.certificate.id }, header: ifUnchanged(version) },
          body: this.draft,
        }),
      );
      this.reset();
      notify("Saved");
      this.dispatchEvent(new CustomEvent("changed", { detail: changed }));
    } catch (error) {
      this.error = asError(error);
      if (error instanceof Problem && error.status === 412) await this.compare();
    }
    this.busy = false;
  }

  private async compare(): Promise<void> {
    try {
      this.theirs = await answerOf(
        api.GET("/v1/certificates/{certificate}", { params: { path: { certificate: this.certificate.id } } }),
      );
    } catch (error) {
      this.error = asError(error);
    }
  }

  private renderConflict(theirs: Certificate): TemplateResult {
    const values = (name: string): [unknown, unknown] => {
      const mine = this.draft[name as keyof Update];
      if (name === "pin") return [mine === null ? "no PIN" : "a new PIN", theirs.status_info.pin_required ? "a PIN" : "no PIN"];
      if (name === "ask_for_reason") return [mine ? "yes" : "no", theirs.status_info.reason_required ? "yes" : "no"];
      return [mine ?? "nobody", theirs[name as "alias" | "owner" | "description"] ?? "nobody"];
    };
    return conflict({
      before: this.certificate,
      theirs,
      settings: Object.keys(this.draft).map((name) => [LABELS[name] ?? name, ...values(name)]),
      overwrite: () => this.overwrite(theirs),
      take: () => this.take(theirs),
    });
  }

  private async overwrite(theirs: Certificate): Promise<void> {
    this.theirs = null;
    await this.send(theirs.version);
  }

  private take(theirs: Certificate): void {
    this.reset();
    this.dispatchEvent(new CustomEvent("changed", { detail: theirs }));
  }
}
