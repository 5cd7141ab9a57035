// All that is in the X.509: what identifies the certificate under "Details", every attribute and extension under "X.509".

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";

import { answerOf, api, type Certificate, type Schemas } from "../../api/client";
import { copied } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { keyAlgorithm, moment, words } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";

type Details = Schemas["CertificateDetails"];

@customElement("certificate-details")
export class CertificateDetailsTab extends ConsoleElement {
  @property({ attribute: false }) certificate!: Certificate;
  /** Which of the two tabs it fills. */
  @property() shows = "details";
  private readonly details = new Loaded<Details>(this, "the details");

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private load(): Promise<void> {
    return this.details.load(() =>
      answerOf(api.GET("/v1/certificates/{certificate}/details", { params: { path: { certificate: this.certificate.id } } })),
    );
  }

  override render(): TemplateResult {
    const isDetails = this.shows === "details";
    return this.details.show((details) => (isDetails ? this.renderDetails(details) : this.renderX509(details)), () => this.load());
  }

  private renderDetails(details: Details): TemplateResult {
    const usage = details.extensions.find((each) => each.oid === "2.5.29.37");
    const { public_key: key } = details;
    return html`<dl class="facts wide">
      ${fact("Serial Number", details.serial_number)}
      ${fact("Thumbprint (SHA-1)", details.thumbprint_sha1)}
      ${fact("Thumbprint (SHA-256)", details.thumbprint_sha256)}
      <dt>Issuer</dt><dd dir="auto">${details.issuer}</dd>
      <dt>Subject</dt><dd dir="auto">${details.subject}</dd>
      <dt>Valid From</dt><dd>${moment(details.valid_from)}</dd>
      <dt>Valid To</dt><dd>${moment(details.valid_to)}</dd>
      <dt>Extended Key Usage</dt><dd>${usage ? valueOf(usage.value) : html`<span class="quiet">not restricted</span>`}</dd>
      <dt>Public Key</dt><dd>${key.algorithm}${key.curve ? ` ${key.curve}` : ""}, ${key.size} bits <span class="quiet">${keyAlgorithm(this.certificate.key_algorithm)}</span></dd>
      ${fact("Public Key (SPKI SHA-256)", key.spki_sha256)}
      <dt>Signature Algorithm</dt><dd>${details.signature_algorithm.name} <span class="quiet">${details.signature_algorithm.oid}</span></dd>
      <dt>Version</dt><dd>${details.version}</dd>
    </dl>`;
  }

  private renderX509(details: Details): TemplateResult {
    return html`
      <h2>Subject</h2>${attributes(details.subject_attributes)}
      <h2>Issuer</h2>${attributes(details.issuer_attributes)}
      <h2>Extensions</h2>
      ${details.extensions.length
        ? html`<dl class="facts wide">${details.extensions.map((each) => html`<dt>${words(each.name)} ${each.critical ? html`<span class="badge info">critical</span>` : nothing}<br /><code class="quiet">${each.oid}</code></dt>
            <dd>${each.error ? html`<p class="warning">${each.error}</p>` : nothing}${valueOf(each.value)}</dd>`)}</dl>`
        : html`<p class="quiet">It has none.</p>`}
      <h2>Chain</h2>
      ${details.chain.length
        ? html`<ol class="chain">${details.chain.map((each) => html`<li><strong dir="auto">${each.subject}</strong><br />issued by <span dir="auto">${each.issuer}</span>,
            ${moment(each.valid_from)} to ${moment(each.valid_to)}<br /><code>${each.thumbprint_sha256}</code></li>`)}</ol>`
        : html`<p class="quiet">No certificate of its path was imported with it.</p>`}`;
  }
}

function fact(label: string, value: string): TemplateResult {
  return html`<dt>${label}</dt><dd><code class="break">${value}</code> <button type="button" class="icon-button small" aria-label=${`Copy ${label}`} @click=${() => copied(value)}>${icon("copy")}</button></dd>`;
}

function attributes(of: Details["subject_attributes"]): TemplateResult {
  if (of.length === 0) return html`<p class="quiet">It is empty.</p>`;
  return html`<dl class="facts wide">${of.map((each) => html`<dt>${words(each.name)}<br /><code class="quiet">${each.oid}</code></dt><dd dir="auto">${each.value}</dd>`)}</dl>`;
}

/** Whatever JSON an extension was decoded to, as lists and words. */
function valueOf(value: unknown): TemplateResult {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return html`<span class="quiet">nothing</span>`;
  if (Array.isArray(value)) {
    if (value.every((each) => typeof each === "string")) return html`${value.map(words).join(", ")}`;
    return html`<ul class="plain">${value.map((each) => html`<li>${valueOf(each)}</li>`)}</ul>`;
  }
  if (typeof value === "object") {
    return html`<dl class="inner">${Object.entries(value).map(([name, each]) => html`<dt>${words(name)}</dt><dd>${valueOf(each)}</dd>`)}</dl>`;
  }
  if (typeof value === "boolean") return html`${value ? "yes" : "no"}`;
  return html`<span class="break" dir="auto">${String(value)}</span>`;
}
