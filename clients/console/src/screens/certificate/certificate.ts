// One certificate, under five tabs. Each tab has an address of its own.

import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import "@awesome.me/webawesome/dist/components/tab-group/tab-group.js";
import "./activity";
import "./details";
import "./overview";
import "./related";

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";

import { answerOf, api, type Certificate } from "../../api/client";
import { asError, Problem } from "../../api/problems";
import { copyAsCommands } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";
import { notify } from "../../pieces/notices";
import { empty } from "../../pieces/states";
import { address, go } from "../../router";
import { download, downloadOf, type Format, quickActions } from "../certificates/actions";
import { statusParts, validTo } from "../certificates/cells";

const TABS = [
  ["overview", "Overview"],
  ["related", "Related"],
  ["details", "Details"],
  ["x509", "X.509 Attributes"],
  ["activity", "Activity"],
] as const;
const FORMATS: readonly (readonly [Format, string])[] = [
  ["der", "Certificate (.cer)"],
  ["pem", "PEM (.pem)"],
  ["pem_chain", "PEM with its chain"],
  ["pkcs7", "PKCS#7 (.p7b)"],
];

@customElement("certificate-screen")
export class CertificateScreen extends ConsoleElement {
  @property({ attribute: false }) identifier = "";
  @property() tab = "overview";
  private readonly certificate = new Loaded<Certificate>(this, "the certificate", "Certificate");

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("identifier")) {
      this.certificate.value = null;
      void this.load();
    }
  }

  private load(): Promise<void> {
    return this.certificate.load(() =>
      answerOf(api.GET("/v1/certificates/{certificate}", { params: { path: { certificate: this.identifier } } })),
    );
  }

  override render(): TemplateResult {
    const { error } = this.certificate;
    if (error instanceof Problem && error.status === 404) {
      return html`<h1>Certificate</h1>${empty("No such certificate", "It was deleted, perhaps a moment ago by somebody else, or your role does not show it to you.", html`<a href=${address("certificates")}>All certificates</a>`)}`;
    }
    return this.certificate.show((certificate) => this.renderCertificate(certificate), () => this.load());
  }

  private renderCertificate(certificate: Certificate): TemplateResult {
    const tab = TABS.some(([name]) => name === this.tab) ? this.tab : "overview";
    const actions = quickActions(certificate).filter((each) => each.name !== "download");
    return html`<p class="crumbs"><a href=${address("certificates")}>Certificates</a></p>
      <div class="title-row"><h1 dir="auto">${certificate.alias}</h1>${statusParts(certificate)}<span>${validTo(certificate)}</span>
        <span class="spacer"></span>
        <wa-dropdown placement="bottom-end" @wa-select=${(event: CustomEvent<{ item: { value: Format } }>) => download(certificate, event.detail.item.value)}>
          <button slot="trigger" type="button">${icon("download")} Download</button>
          ${FORMATS.map(([value, label]) => html`<wa-dropdown-item value=${value}>${label}</wa-dropdown-item>`)}
        </wa-dropdown>
        ${actions.map((each) => html`<button type="button" class=${each.dangerous ? "wa-danger" : ""} @click=${() => this.act(each.name, each.act)}>${icon(each.icon)} ${each.label}</button>`)}
      </div>
      ${certificate.renewed_by ? html`<p class="note">Renewed: the newer certificate is <a href=${address("certificates", certificate.renewed_by)}>here</a>.</p>` : nothing}
      ${certificate.renews ? html`<p class="note">It renews <a href=${address("certificates", certificate.renews)}>an older certificate</a>.</p>` : nothing}
      ${certificate.pending_request ? html`<p class="note">A renewal waits for the CA: <a href=${address("requests", certificate.pending_request)}>its request</a>.</p>` : nothing}
      <wa-tab-group active=${tab} @wa-tab-show=${(event: CustomEvent<{ name: string }>) => this.show(certificate, event.detail.name)}>
        ${TABS.map(([name, label]) => html`<wa-tab panel=${name}>${label}</wa-tab>`)}
        ${TABS.map(([name]) => html`<wa-tab-panel name=${name}>${name === tab ? this.renderTab(name, certificate) : nothing}</wa-tab-panel>`)}
      </wa-tab-group>
      ${copyAsCommands([
        { label: "Show", command: { signet: ["certificates", "show"], names: [certificate.alias], method: "GET", path: `/v1/certificates/${certificate.id}` } },
        ...FORMATS.map(([format, label]) => downloadOf(certificate, format, `Download ${label}`)),
        ...actions,
      ])}`;
  }

  private renderTab(name: string, certificate: Certificate): TemplateResult {
    switch (name) {
      case "related":
        return html`<certificate-related .certificate=${certificate}></certificate-related>`;
      case "details":
      case "x509":
        return html`<certificate-details .certificate=${certificate} shows=${name}></certificate-details>`;
      case "activity":
        return html`<certificate-activity .certificate=${certificate}></certificate-activity>`;
      default:
        return html`<certificate-overview .certificate=${certificate} @changed=${(event: CustomEvent<Certificate>) => this.changed(event.detail)}></certificate-overview>`;
    }
  }

  private changed(certificate: Certificate): void {
    this.certificate.value = certificate;
    this.requestUpdate();
  }

  private show(certificate: Certificate, name: string): void {
    const to = name === "overview" ? address("certificates", certificate.id) : address("certificates", certificate.id, name);
    if (name !== this.tab && location.pathname !== to) go(to);
  }

  private async act(name: string, action: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await action())) return;
      if (name === "delete") go(address("certificates"));
      else await this.load();
    } catch (error) {
      notify(asError(error).message);
      await this.load();
    }
  }
}
