// One action on many certificates: first what it would do to each, then what it did, and those that failed once more.

import "@awesome.me/webawesome/dist/components/dialog/dialog.js";

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type Certificate, type CertificateGroup, once, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { allGroups } from "../../pieces/choices";
import { type Command, copyAsCommand } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { several } from "../../pieces/format";
import { loading, refusal } from "../../pieces/states";
import { session } from "../../session/session";

export type BulkAction = Schemas["ActionBody"]["action"];

const TITLES: Record<BulkAction, string> = {
  enable: "Enable",
  disable: "Disable",
  delete: "Delete",
  add_to_groups: "Add to groups",
  remove_from_groups: "Remove from groups",
};

export { TITLES as BULK_TITLES };

/** Fires `finished` when it is closed, with whether anything was done. */
@customElement("bulk-dialog")
export class BulkDialog extends ConsoleElement {
  @property({ attribute: false }) action: BulkAction = "enable";
  @property({ attribute: false }) certificates: readonly Certificate[] = [];
  @state() private groups: readonly CertificateGroup[] | null = null;
  @state() private chosen = new Set<string>();
  @state() private report: Schemas["ActionReport"] | null = null;
  @state() private isDone = false;
  @state() private busy = false;
  @state() private error: Error | null = null;
  #changed = false;
  #asked: string[] = [];
  #running: Promise<void> | null = null;

  private get needsGroups(): boolean {
    return this.action === "add_to_groups" || this.action === "remove_from_groups";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#asked = this.certificates.map((each) => each.id);
    window.addEventListener("popstate", this.close);
    if (this.needsGroups) void this.loadGroups();
    else void this.run(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.close);
  }

  private async loadGroups(): Promise<void> {
    try {
      const right = this.action === "add_to_groups" ? "add" : "remove";
      const covered = session.me?.certificate_groups;
      const held = new Set(this.certificates.flatMap((each) => each.groups.map((group) => group.id)));
      this.groups = (await allGroups()).filter(
        (group) =>
          (covered === "all" || covered?.some((each) => each.group === group.id && each.rights.includes(right))) &&
          (right === "add" || held.has(group.id)),
      );
    } catch (error) {
      this.error = asError(error);
    }
  }

  private get body(): Schemas["ActionBody"] {
    const groups = this.needsGroups ? { groups: [...this.chosen] } : {};
    return { action: this.action, certificates: this.#asked, ...groups };
  }

  private async run(dry: boolean): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      this.report = await answerOf(
        api.POST("/v1/certificates/actions", {
          params: { header: dry ? {} : once() },
          body: { ...this.body, dry_run: dry },
        }),
      );
      this.isDone = !dry;
      if (!dry && this.report.summary.done > 0) this.#changed = true;
    } catch (error) {
      this.error = asError(error);
    }
    this.busy = false;
  }

  private get command(): Command {
    const names = this.certificates.filter((each) => this.#asked.includes(each.id)).map((each) => each.alias);
    const groups = this.groups?.filter((each) => this.chosen.has(each.id)).map((each) => each.name) ?? [];
    const option = this.action === "add_to_groups" ? "--add" : "--remove";
    const signet = this.needsGroups ? ["groups", ...groups.flatMap((each) => [option, each])] : [this.action];
    return { signet: ["certificates", ...signet], names, method: "POST", path: "/v1/certificates/actions", body: this.body };
  }

  private retry(): void {
    this.#asked = this.report?.results.filter((each) => each.outcome === "failed").map((each) => each.certificate) ?? [];
    this.#running = this.run(false);
  }

  private close = (): void => {
    this.querySelector("wa-dialog")!.open = false;
  };

  private async closed(event: Event): Promise<void> {
    if ((event.target as Element).localName !== "wa-dialog") return;
    await this.#running; // who closes it early is told all the same what has changed
    this.dispatchEvent(new CustomEvent("finished", { detail: this.#changed }));
  }

  override render(): TemplateResult {
    const title = `${TITLES[this.action]}: ${several(this.certificates.length, "certificate")}`;
    return html`<wa-dialog label=${title} open @wa-after-hide=${this.closed}>
      ${this.needsGroups && !this.isDone ? this.renderGroups() : nothing}
      ${this.report === null && this.busy ? loading("what it would do") : nothing}
      ${this.report ? this.renderReport(this.report) : nothing}
      ${refusal(this.error)}
      ${this.action === "delete" && !this.isDone ? html`<p class="warning">Certificates and their private keys are gone at once and cannot be brought back.</p>` : nothing}
      ${copyAsCommand(this.command)}
      <div slot="footer" class="buttons">${this.renderButtons()}</div>
    </wa-dialog>`;
  }

  private renderGroups(): TemplateResult {
    if (this.groups === null) return this.error ? html`` : loading("groups");
    if (this.groups.length === 0) {
      return html`<p>${this.action === "add_to_groups" ? "There is no group that your role may add certificates to." : "None of them is in a group that your role may remove certificates from."}</p>`;
    }
    return html`<fieldset><legend>Groups</legend>
      ${this.groups.map((group) => html`<label class="choice"><input type="checkbox" .checked=${this.chosen.has(group.id)} @change=${() => this.choose(group.id)} /> <span dir="auto">${group.name}</span>
        ${group.certificate_limit === null ? nothing : html`<span class="quiet">${group.certificate_count} of ${group.certificate_limit}</span>`}</label>`)}
    </fieldset>`;
  }

  private choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
    this.report = null;
    if (chosen.size > 0) void this.run(true);
  }

  private renderReport(report: Schemas["ActionReport"]): TemplateResult {
    const names = new Map(this.certificates.map((each) => [each.id, each.alias]));
    const { done, unchanged, failed } = report.summary;
    const would = this.isDone ? ["done", "were so already", "failed"] : ["will be done", "are so already", "would be refused"];
    return html`<p role="status" class="summary">${done} ${would[0]}, ${unchanged} ${would[1]}, ${failed} ${would[2]}.</p>
      <ul class="results" tabindex="0" aria-label=${this.isDone ? "Results" : "What it would do"}>${report.results.map(
        (each) => html`<li class=${each.outcome}><span dir="auto">${names.get(each.certificate) ?? each.certificate}</span>
          <span class=${`badge ${each.outcome === "failed" ? "bad" : each.outcome === "done" ? "good" : "off"}`}>${each.outcome === "done" && !this.isDone ? "will be done" : each.outcome}</span>
          ${each.problem ? html`<span class="quiet">${each.problem.detail}</span>` : nothing}</li>`,
      )}</ul>`;
  }

  private renderButtons(): TemplateResult {
    if (this.isDone) {
      return html`${this.report!.summary.failed > 0
        ? html`<button type="button" ?disabled=${this.busy} @click=${this.retry}>Retry the ${this.report!.summary.failed} that failed</button>`
        : nothing}
        <button type="button" class="wa-brand" autofocus @click=${this.close}>Close</button>`;
    }
    const ready = this.report !== null && this.report.summary.done > 0 && !this.busy;
    return html`<button type="button" class="wa-plain" @click=${this.close}>Cancel</button>
      <button type="button" class=${this.action === "delete" ? "wa-danger" : "wa-brand"} ?disabled=${!ready} @click=${() => (this.#running = this.run(false))}>
        ${TITLES[this.action]}${this.report ? ` (${this.report.summary.done})` : ""}</button>`;
  }
}
