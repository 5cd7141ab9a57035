// The wizard that generates a CSR, for a new certificate or to renew one: who it is for, its key, its settings, a look at all.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type Certificate, type CertificateGroup, once, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { changesOf } from "../../pieces/changes";
import { groupsToAddTo } from "../../pieces/choices";
import { copyAsCommand } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { choiceField, linesField, textField, tick, ticks } from "../../pieces/fields";
import { keyAlgorithm, words } from "../../pieces/format";
import { Loaded } from "../../pieces/load";
import { empty, refusal } from "../../pieces/states";
import { viewOf } from "../../pieces/view";
import { address, go, query } from "../../router";
import { session } from "../../session/session";
import { orderAsCommand, renewalAsCommand } from "./command";

const STEPS = ["Subject", "Key and names", "Settings", "Review"] as const;
const ALGORITHMS = ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "RSA_3072", "RSA_2048", "RSA_4096", "ED25519",
  "ML_DSA_44", "ML_DSA_65", "ML_DSA_87"];
const USAGES = ["code_signing", "document_signing", "email_protection", "client_auth", "server_auth", "time_stamping"];
const SUBJECT = [
  ["common_name", "Common name (CN)", 64],
  ["organization", "Organization (O)", 64],
  ["organizational_unit", "Organizational unit (OU)", 64],
  ["locality", "Locality (L)", 128],
  ["state", "State or province (ST)", 128],
  ["country", "Country (C), two letters", 2],
  ["email", "E-mail", 255],
] as const;

type Subject = Record<(typeof SUBJECT)[number][0], string>;
const KINDS = ["dns", "email", "uri", "ip"] as const;
const KIND_LABELS = { dns: "DNS names", email: "E-mail addresses", uri: "URIs", ip: "IP addresses" } as const;

type Names = Record<(typeof KINDS)[number], string[]>;

/** What a certificate is for, as far as it can be asked for by name. */
interface Purpose {
  usages: string[];
  names: Names;
  /** Whether there is more, which only a renewal that leaves it alone asks for again. */
  hasOtherNames: boolean;
}

const NO_NAMES: Names = { dns: [], email: [], uri: [], ip: [] };

interface Renewed extends Purpose {
  certificate: Certificate;
}

@customElement("request-wizard")
export class RequestWizard extends ConsoleElement {
  /** The certificate that is to be renewed; empty for a new one. */
  @property({ attribute: false }) renews = "";
  @state() private step = 0;
  @state() private subject: Subject = { common_name: "", organization: "", organizational_unit: "", locality: "", state: "", country: "", email: "" };
  @state() private distinguishedName = "";
  @state() private otherUsages: string[] = [];
  @state() private algorithm = "ECC_NIST_P256";
  @state() private hash = "SHA_256";
  @state() private names: Names = NO_NAMES;
  @state() private usages: string[] = ["code_signing"];
  @state() private alias = "";
  @state() private description = "";
  @state() private owner = "";
  @state() private asksForReason = false;
  @state() private pin = "";
  @state() private groups: readonly CertificateGroup[] = [];
  @state() private chosen: string[] = [];
  @state() private busy = false;
  @state() private error: Error | null = null;
  private readonly renewed = new Loaded<Renewed>(this, "the certificate", "Renew a certificate");
  #reached = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("popstate", this.follow);
    groupsToAddTo().then((groups) => this.offer(groups), () => undefined);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.follow);
  }

  private offer(groups: readonly CertificateGroup[]): void {
    this.groups = groups;
    // Where the role asks for a group and there is one, that is it.
    if (session.me?.certificate_groups !== "all" && groups.length === 1) this.chosen = [groups[0]!.id];
  }

  /** Each step is a page to go back to. What was typed stays; a step that was not reached here is none to begin with. */
  private follow = (): void => {
    const asked = Number(viewOf().step ?? "1") - 1;
    this.step = Number.isInteger(asked) ? Math.min(Math.max(asked, 0), this.#reached) : 0;
  };

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("renews") && this.renews) void this.loadOld();
  }

  private loadOld(): Promise<void> {
    const params = { path: { certificate: this.renews } };
    return this.renewed.load(async () => {
      const [certificate, details] = await Promise.all([
        answerOf(api.GET("/v1/certificates/{certificate}", { params })),
        answerOf(api.GET("/v1/certificates/{certificate}/details", { params })),
      ]);
      const purpose = purposeOf(details.extensions);
      this.distinguishedName = certificate.subject;
      this.algorithm = certificate.key_algorithm;
      this.usages = purpose.usages.filter((each) => USAGES.includes(each));
      this.otherUsages = purpose.usages.filter((each) => !USAGES.includes(each));
      this.names = purpose.names;
      return { certificate, ...purpose };
    });
  }

  private get steps(): readonly string[] {
    return this.renews ? ["Subject and key", "Names and usages", "Review"] : STEPS;
  }

  private get allUsages(): string[] {
    return [...new Set([...this.usages, ...this.otherUsages])];
  }

  override render(): TemplateResult {
    const title = this.renews ? "Renew a certificate" : "Generate CSR";
    if (!(this.renews ? session.may("signing_requests:create") : session.mayBringIn("signing_requests:create"))) return html`<h1>${title}</h1>${empty("Not for you", "Your role does not let you make signing requests.")}`;
    return this.renews ? this.renewed.show(({ certificate }) => this.renderWizard(title, certificate), () => this.loadOld()) : this.renderWizard(title, null);
  }

  private renderWizard(title: string, old: Certificate | null): TemplateResult {
    const last = this.step === this.steps.length - 1;
    return html`<p class="crumbs"><a href=${address("requests")}>Requests</a></p>
      <h1>${title}${old ? html`: <span dir="auto">${old.alias}</span>` : nothing}</h1>
      <ol class="steps">${this.steps.map((name, at) => html`<li aria-current=${at === this.step ? "step" : nothing} class=${at < this.step ? "done" : ""}>${name}</li>`)}</ol>
      <form class="wizard" @submit=${this.forward}>
        ${this.renderStep(this.steps[this.step] ?? "")}
        ${refusal(this.error)}
        <div class="buttons">
          ${this.step > 0 ? html`<button type="button" @click=${() => this.goTo(this.step - 1)}>Back</button>` : nothing}
          <button type="submit" class="wa-brand" ?disabled=${this.busy}>${last ? (this.busy ? "Making the key …" : "Generate CSR") : "Next"}</button>
        </div>
      </form>`;
  }

  private renderStep(name: string): TemplateResult {
    switch (name) {
      case "Subject":
        return html`<p class="quiet">Whom the CA is to certify. The private key is made in the service and never leaves it.</p>
          ${SUBJECT.map(([field, label, most]) => textField({ name: field, label, most, value: this.subject[field], required: field === "common_name" && !this.distinguishedName.trim(), error: this.error, change: (value) => (this.subject = { ...this.subject, [field]: value }) }))}
          <details class="more" ?open=${this.distinguishedName !== ""}><summary>Or write the whole subject</summary>
            ${textField({ name: "distinguished_name", label: "Distinguished name", value: this.distinguishedName, hint: "RFC 4514 text, such as CN=Release,O=Example Corp,C=US; it stands for all of the above", error: this.error, change: (value) => (this.distinguishedName = value) })}</details>`;
      case "Subject and key":
        return html`<p class="note">The old certificate works, unchanged, until the new one is imported against this request. The new one takes its name, settings, groups and policies.</p>
          ${textField({ name: "distinguished_name", label: "Subject", value: this.distinguishedName, hint: "As in the old certificate; RFC 4514 text", error: this.error, change: (value) => (this.distinguishedName = value) })}
          ${this.renderKey()}`;
      case "Key and names":
        return html`${this.renderKey()} ${this.renderPurpose()}`;
      case "Names and usages":
        return html`<p class="quiet">As in the old certificate, unless changed here.</p>
          ${this.renewed.value?.hasOtherNames ? html`<p class="note">It also has names that cannot be typed here. They are asked for again where the names below stay as they are.</p>` : nothing}
          ${this.renderPurpose()}`;
      case "Settings":
        return html`${textField({ name: "alias", label: "Name", most: 128, value: this.alias, hint: "The common name, where it is empty", error: this.error, change: (value) => (this.alias = value) })}
          ${textField({ name: "description", label: "Description", value: this.description, change: (value) => (this.description = value) })}
          ${session.may("certificates:set_owner") ? textField({ name: "owner", label: "Owner", value: this.owner, hint: "A user such as corp/alice, or nobody", error: this.error, change: (value) => (this.owner = value) }) : nothing}
          ${ticks("Groups", this.groups.map((each) => [each.id, each.name] as const), this.chosen, (chosen) => (this.chosen = chosen))}
          ${tick("Ask for a reason when used", this.asksForReason, (on) => (this.asksForReason = on))}
          ${textField({ name: "pin", label: "PIN", type: "password", autocomplete: "new-password", most: 64, value: this.pin, hint: "4 to 64 characters; none where it is empty", error: this.error, change: (value) => (this.pin = value) })}`;
      default:
        return this.renderReview();
    }
  }

  private renderKey(): TemplateResult {
    const known = ALGORITHMS.includes(this.algorithm) ? ALGORITHMS : [...ALGORITHMS, this.algorithm];
    return html`${choiceField({ name: "key_algorithm", label: "Key algorithm", value: this.algorithm, values: known.map((each) => [each, keyAlgorithm(each)] as const), change: (value) => (this.algorithm = value) })}
      ${choiceField({ name: "hash", label: "Hash", value: this.hash, values: [["SHA_256", "SHA-256"], ["SHA_384", "SHA-384"], ["SHA_512", "SHA-512"]], change: (value) => (this.hash = value) })}`;
  }

  private renderPurpose(): TemplateResult {
    return html`${ticks("Extended key usage", USAGES.map((each) => [each, words(each)] as const), this.usages, (usages) => (this.usages = usages))}
      ${linesField({ name: "extended_key_usage", label: "Other usages", rows: 1, hint: "Names or dotted OIDs, one a line", value: this.otherUsages, error: this.error, change: (value) => (this.otherUsages = value) })}
      <fieldset><legend>Subject alternative names</legend>
        ${KINDS.map((kind) => linesField({ name: kind, label: KIND_LABELS[kind], rows: 1, value: this.names[kind], change: (value) => (this.names = { ...this.names, [kind]: value }) }))}
      </fieldset>`;
  }

  private renderReview(): TemplateResult {
    const subject = this.renews || this.distinguishedName.trim() ? this.distinguishedName : SUBJECT.filter(([field]) => this.subject[field]).map(([field, label]) => `${label}: ${this.subject[field]}`).join(", ");
    return html`<dl class="facts wide"><dt>Subject</dt><dd dir="auto">${subject}</dd>
        <dt>Key</dt><dd>${keyAlgorithm(this.algorithm)}, ${this.hash.replace("_", "-")}</dd>
        <dt>Extended key usage</dt><dd>${this.allUsages.map(words).join(", ") || "none"}</dd>
        <dt>Alternative names</dt><dd dir="auto">${Object.values(this.names).flat().join(", ") || "none"}</dd>
        ${this.renews ? nothing : html`<dt>Name</dt><dd dir="auto">${this.alias || this.subject.common_name || "the common name"}</dd>
          <dt>Owner</dt><dd dir="auto">${this.owner || "nobody"}</dd>
          <dt>Description</dt><dd dir="auto">${this.description || "none"}</dd>
          <dt>Asks for a reason</dt><dd>${this.asksForReason ? "yes" : "no"}</dd>
          <dt>Groups</dt><dd dir="auto">${this.groups.filter((each) => this.chosen.includes(each.id)).map((each) => each.name).join(", ") || "none"}</dd>
          <dt>PIN</dt><dd>${this.pin ? "yes" : "none"}</dd>`}
      </dl>
      ${copyAsCommand(this.renewed.value ? renewalAsCommand(this.renewalOf(this.renewed.value), this.renewed.value.certificate) : orderAsCommand(this.order, this.groups.filter((each) => this.chosen.includes(each.id)).map((each) => each.name)))}`;
  }

  /** What is not given is as in the old certificate, also where it has what this page cannot show. */
  private renewalOf(old: Renewed): Schemas["CsrBody"] {
    const { key_algorithm, subject } = old.certificate;
    const inOrder = (usages: readonly string[]): string[] => [...new Set(usages)].sort();
    return {
      hash: this.hash,
      ...(this.algorithm === key_algorithm ? {} : { key_algorithm: this.algorithm }),
      ...(this.distinguishedName.trim() === subject ? {} : { distinguished_name: this.distinguishedName.trim() }),
      ...changesOf({ subject_alternative_names: this.names }, { subject_alternative_names: old.names }),
      ...changesOf({ extended_key_usage: inOrder(this.allUsages) }, { extended_key_usage: inOrder(old.usages) }),
    };
  }

  private get order(): Schemas["CreateRequestBody"] {
    const subject = Object.fromEntries(Object.entries(this.subject).filter(([, value]) => value.trim()).map(([field, value]) => [field, value.trim()]));
    const names = Object.fromEntries(Object.entries(this.names).filter(([, values]) => values.length));
    return {
      key_algorithm: this.algorithm,
      hash: this.hash,
      ...(this.distinguishedName.trim() ? { distinguished_name: this.distinguishedName.trim() } : { subject }),
      ...(Object.keys(names).length ? { subject_alternative_names: names } : {}),
      ...(this.allUsages.length ? { extended_key_usage: this.allUsages } : {}),
      ...(this.alias.trim() ? { alias: this.alias.trim() } : {}),
      ...(this.description ? { description: this.description } : {}),
      ...(this.owner.trim() ? { owner: this.owner.trim() } : {}),
      ...(this.chosen.length ? { groups: this.chosen } : {}),
      ...(this.asksForReason ? { ask_for_reason: true } : {}),
      ...(this.pin ? { pin: this.pin } : {}),
    };
  }

  private goTo(step: number): void {
    this.error = null;
    this.#reached = Math.max(this.#reached, step);
    go(location.pathname + query({ step: step > 0 ? String(step + 1) : null }));
  }

  private async forward(event: Event): Promise<void> {
    event.preventDefault();
    if (this.step < this.steps.length - 1) {
      this.goTo(this.step + 1);
      await this.updateComplete;
      this.querySelector<HTMLElement>(".wizard input, .wizard select, .wizard button")?.focus();
      return;
    }
    this.busy = true;
    this.error = null;
    try {
      const old = this.renewed.value;
      const request = old
        ? await answerOf(api.POST("/v1/certificates/{certificate}/renew", { params: { path: { certificate: old.certificate.id }, header: once() }, body: this.renewalOf(old) }))
        : await answerOf(api.POST("/v1/signing-requests", { params: { header: once() }, body: this.order }));
      go(address("requests", request.id), { replace: true });
    } catch (error) {
      this.error = asError(error);
    }
    this.busy = false;
  }
}

/** As the details of a certificate tell it. */
function purposeOf(extensions: Schemas["ExtensionDetails"][]): Purpose {
  const valueOf = (oid: string): Record<string, unknown>[] => {
    const value = extensions.find((each) => each.oid === oid)?.value;
    return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
  };
  const usages = valueOf("2.5.29.37").map(({ name, oid }) => (USAGES.includes(String(name)) ? String(name) : String(oid)));
  const found = valueOf("2.5.29.17");
  const names = Object.fromEntries(KINDS.map((kind) => [kind, found.filter((each) => each.type === kind).map((each) => String(each.value))])) as Names;
  return { usages, names, hasOtherNames: found.some((each) => !(KINDS as readonly unknown[]).includes(each.type)) };
}
