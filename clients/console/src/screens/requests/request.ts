// One signing request: its CSR for the CA, and a place for what the CA answers.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, once, type Schemas, type SigningRequest } from "../../api/client";
import { asError, Problem } from "../../api/problems";
import { copied, copyAsCommand } from "../../pieces/command";
import { ask } from "../../pieces/dialogs";
import { ConsoleElement } from "../../pieces/element";
import { tick } from "../../pieces/fields";
import { base64Of, dropZone, MOST_BYTES, sizeRefused } from "../../pieces/files";
import { keyAlgorithm, moment } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";
import { notify } from "../../pieces/notices";
import { empty, refusal } from "../../pieces/states";
import { address } from "../../router";
import { session } from "../../session/session";
import { nameOf, save } from "../certificates/actions";

const KIND = { pending: "info", completed: "good", cancelled: "off" } as const;
export const STATUS_WORDS = { pending: "Pending", completed: "Completed", cancelled: "Cancelled" } as const;
export { KIND as STATUS_KIND };

const WARNINGS: Record<Schemas["IssuedCertificateBody"]["warnings"][number], string> = {
  ca_certificate: "It is a CA's certificate.",
  ends_before_renewed: "It ends before the one that it renews.",
  issuer_unknown: "Its issuer is not among the certificates that came with it.",
  names_missing: "Alternative names that were asked for are missing.",
  not_yet_valid: "It is not yet valid.",
  self_signed: "It is self-signed.",
  subject_differs: "Its subject is not the one that was asked for.",
  usages_missing: "Key usages that were asked for are missing.",
};

@customElement("request-screen")
export class RequestScreen extends ConsoleElement {
  @property({ attribute: false }) identifier = "";
  private readonly request = new Loaded<SigningRequest>(this, "the signing request", "Request");
  @state() private disablesRenewed = false;
  @state() private pasted = "";
  @state() private busy = false;
  @state() private error: Error | null = null;
  @state() private issued: Schemas["IssuedCertificateBody"] | null = null;

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("identifier")) return;
    this.request.value = this.issued = this.error = null;
    this.pasted = "";
    void this.load();
  }

  private load(): Promise<void> {
    return this.request.load(() =>
      answerOf(api.GET("/v1/signing-requests/{id}", { params: { path: { id: this.identifier } } })),
    );
  }

  override render(): TemplateResult {
    const { error } = this.request;
    if (error instanceof Problem && error.status === 404) {
      return html`<h1>Request</h1>${empty("No such request", "It does not exist, or your role does not show it to you.", html`<a href=${address("requests")}>All requests</a>`)}`;
    }
    return this.request.show((request) => this.renderRequest(request), () => this.load());
  }

  private renderRequest(request: SigningRequest): TemplateResult {
    const pending = request.status === "pending";
    return html`<p class="crumbs"><a href=${address("requests")}>Requests</a></p>
      <div class="title-row"><h1 dir="auto">${request.alias}</h1><span class=${`badge ${KIND[request.status]}`}>${STATUS_WORDS[request.status]}</span><span class="spacer"></span>
        ${pending && session.mayOn(request, "signing_requests:delete") ? html`<button type="button" class="wa-danger" @click=${() => this.cancel(request)}>${icon("delete")} Cancel the request</button>` : nothing}</div>
      ${this.issued ? this.renderIssued(this.issued) : nothing}
      ${request.status === "completed" ? html`<p class="note">Its certificate is <a href=${address("certificates", request.id.replace(/^req_/, "crt_"))}>here</a>.</p>` : nothing}
      <div class="columns-two"><div>
        ${request.status === "cancelled" ? html`<p class="note">Its private key is destroyed: a certificate that is issued for this CSR is of no use.</p>` : nothing}
        <h2>${pending ? "1. Give this CSR to the CA" : "CSR"}</h2>
        <pre class="csr" tabindex="0" aria-label="CSR"><code>${request.csr}</code></pre>
        <div class="buttons"><button type="button" @click=${() => copied(request.csr)}>${icon("copy")} Copy CSR</button>
          <button type="button" @click=${() => this.download(request)}>${icon("download")} Download CSR</button></div>
        ${copyAsCommand({ signet: ["requests", "csr", request.id], method: "GET", path: `/v1/signing-requests/${request.id}/csr` })}
        ${pending ? this.renderAnswer(request) : nothing}
        ${refusal(this.error)}
      </div>
      <dl class="facts">
        <dt>Subject</dt><dd dir="auto">${request.subject}</dd>
        <dt>Key</dt><dd>${keyAlgorithm(request.key_algorithm)}</dd>
        <dt>Renews</dt><dd>${request.renews ? html`<a href=${address("certificates", request.renews)}>the certificate that it takes over from</a>` : "nothing, it is a new one"}</dd>
        <dt>Owner</dt><dd dir="auto">${request.owner ?? "nobody"}</dd>
        <dt>Groups</dt><dd dir="auto">${request.groups.map((each) => each.name).join(", ") || "none"}</dd>
        <dt>Asks for</dt><dd>${[request.ask_for_reason ? "a reason" : "", request.pin_required ? "a PIN" : ""].filter(Boolean).join(" and ") || "nothing"}</dd>
        <dt>Created</dt><dd>${moment(request.created_at)} by <span dir="auto">${request.created_by}</span></dd>
        <dt>Id</dt><dd><code>${request.id}</code></dd>
      </dl></div>`;
  }

  private renderAnswer(request: SigningRequest): TemplateResult {
    if (!session.mayOn(request, "certificates:import")) return html`<p class="note">Somebody who may import certificates brings the CA's answer in here.</p>`;
    return html`<h2>2. Bring the certificate in</h2>
      ${dropZone("Drop the CA's answer here, or choose the file", false, ([file]) => file && this.bring(request, file))}
      <details class="more"><summary>Or paste it</summary><label>Certificate as PEM<textarea rows="6" spellcheck="false" .value=${this.pasted} @input=${(event: Event) => (this.pasted = (event.target as HTMLTextAreaElement).value)}></textarea></label>
        <button type="button" ?disabled=${!this.pasted.trim() || this.busy} @click=${() => this.bring(request, new Blob([this.pasted]))}>Import what was pasted</button></details>
      ${request.renews && session.mayOn(request, "certificates:edit") ? tick("Disable the certificate that it renews", this.disablesRenewed, (on) => (this.disablesRenewed = on)) : nothing}
      ${this.busy ? html`<p role="status">Importing …</p>` : nothing}
      ${copyAsCommand({
        signet: ["requests", "answer", ...(this.disablesRenewed ? ["--disable-renewed"] : [])], names: [request.id, "FILE"],
        method: "POST", path: `/v1/signing-requests/${request.id}/certificate`, body: this.disablesRenewed ? { disable_renewed: true } : {}, file: "FILE",
      })}`;
  }

  private renderIssued(issued: Schemas["IssuedCertificateBody"]): TemplateResult {
    return html`<div class="note" role="status"><strong>The certificate is in.</strong> <a dir="auto" href=${address("certificates", issued.id)}>${issued.alias}</a>
      ${issued.warnings.length ? html`<p>Worth a look:</p><ul>${issued.warnings.map((each) => html`<li>${WARNINGS[each]}</li>`)}</ul>` : nothing}</div>`;
  }

  private async bring(request: SigningRequest, file: Blob): Promise<void> {
    if (file.size === 0 || file.size > MOST_BYTES) {
      this.error = new Error(sizeRefused(file));
      return;
    }
    this.busy = true;
    this.error = null;
    try {
      this.issued = await answerOf(
        api.POST("/v1/signing-requests/{id}/certificate", {
          params: { path: { id: request.id }, header: once() },
          body: { content: await base64Of(file), ...(this.disablesRenewed ? { disable_renewed: true } : {}) },
        }),
      );
      await this.load();
    } catch (error) {
      this.error = asError(error);
      // Somebody else has cancelled or completed it meanwhile.
      if (error instanceof Problem && (error.status === 404 || error.status === 409)) await this.load();
    }
    this.busy = false;
  }

  private async download(request: SigningRequest): Promise<void> {
    try {
      const asked = api.GET("/v1/signing-requests/{id}/csr", { params: { path: { id: request.id } }, parseAs: "blob" });
      const { response } = await asked;
      save((await answerOf(asked)) as unknown as Blob, nameOf(response) ?? "request.csr");
    } catch (error) {
      notify(asError(error).message);
    }
  }

  private async cancel(request: SigningRequest): Promise<void> {
    const done = await ask({
      title: "Cancel this request?",
      content: () => html`<p>Its private key is destroyed: a certificate that the CA issues for it is of no use any more.</p>
        ${copyAsCommand({ signet: ["requests", "cancel", request.id], method: "DELETE", path: `/v1/signing-requests/${request.id}` })}`,
      confirm: "Cancel the request",
      dangerous: true,
      act: async () => {
        await answerOf(api.DELETE("/v1/signing-requests/{id}", { params: { path: { id: request.id } } }));
      },
    });
    if (done) await this.load();
  }
}
