// Many files at once, each with its password and its result; what was refused can be tried again, the rest is kept.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";

import { answerOf, api, type Certificate, type CertificateGroup, once } from "../../api/client";
import { asError, Problem } from "../../api/problems";
import { groupsToAddTo } from "../../pieces/choices";
import { type Command, copyAsCommand } from "../../pieces/command";
import { ConsoleElement } from "../../pieces/element";
import { textField, tick, ticks } from "../../pieces/fields";
import { base64Of, dropZone, MOST_BYTES, sizeRefused } from "../../pieces/files";
import { several } from "../../pieces/format";
import { empty, refusal } from "../../pieces/states";
import { address } from "../../router";
import { session } from "../../session/session";

interface Entry {
  file: File;
  password: string;
  alias: string;
  state: "waiting" | "working" | "done" | "refused";
  certificate: Certificate | null;
  error: Error | null;
}

/** Whether it is sent at all. */
function fits(file: File): boolean {
  return file.size > 0 && file.size <= MOST_BYTES;
}

@customElement("import-screen")
export class ImportScreen extends ConsoleElement {
  @state() private entries: Entry[] = [];
  @state() private groups: readonly CertificateGroup[] = [];
  @state() private chosen: string[] = [];
  @state() private owner = "";
  @state() private asksForReason = false;
  @state() private busy = false;
  @state() private error: Error | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    groupsToAddTo().then((groups) => this.offer(groups), (error: unknown) => (this.error = asError(error)));
  }

  private offer(groups: readonly CertificateGroup[]): void {
    this.groups = groups;
    // Where the role asks for a group and there is one, that is it.
    if (session.me?.certificate_groups !== "all" && groups.length === 1) this.chosen = [groups[0]!.id];
  }

  private get command(): Command {
    const files = this.entries.map((each) => each.file.name);
    const options = [
      ...this.chosen.flatMap((id) => ["--group", this.groups.find((each) => each.id === id)?.name ?? id]),
      ...(this.owner.trim() ? ["--owner", this.owner.trim()] : []),
      ...(this.asksForReason ? ["--ask-for-reason"] : []),
    ];
    const body = {
      ...(this.chosen.length ? { groups: this.chosen } : {}),
      ...(this.owner.trim() ? { owner: this.owner.trim() } : {}),
      ...(this.asksForReason ? { ask_for_reason: true } : {}),
    };
    return {
      signet: ["certificates", "import", ...options], names: files.length ? files : ["FILE"],
      method: "POST", path: "/v1/certificates", body, file: files[0] ?? "FILE",
    };
  }

  override render(): TemplateResult {
    if (!session.mayBringIn("certificates:import")) return html`<h1>Import</h1>${empty("Not for you", "Your role does not let you import certificates.")}`;
    const waiting = this.entries.filter((each) => (each.state === "waiting" || each.state === "refused") && fits(each.file));
    const again = waiting.length > 0 && waiting.every((each) => each.state === "refused");
    const done = this.entries.filter((each) => each.state === "done").length;
    return html`<p class="crumbs"><a href=${address("certificates")}>Certificates</a></p>
      <h1>Import certificates</h1>
      <p class="quiet">PKCS#12, PKCS#7, PEM or DER, with or without the private key. Files go to the service and nowhere else.</p>
      <form @submit=${this.submit}>
        ${dropZone("Drop files here, or choose them", true, (files) => this.take(files))}
        ${this.entries.length ? html`<ul class="files">${this.entries.map((entry) => this.renderEntry(entry))}</ul>` : nothing}
        <details class="more" ?open=${Array.isArray(session.me?.certificate_groups)}><summary>Settings for all of them</summary>
          ${ticks("Groups", this.groups.map((each) => [each.id, each.name] as const), this.chosen, (chosen) => (this.chosen = chosen))}
          ${session.may("certificates:set_owner") ? textField({ name: "owner", label: "Owner", value: this.owner, hint: "A user such as corp/alice; nobody where it is empty", change: (value) => (this.owner = value) }) : nothing}
          ${tick("Ask for a reason when used", this.asksForReason, (on) => (this.asksForReason = on))}
        </details>
        ${refusal(this.error)}
        <p role="status">${done ? `${several(done, "certificate")} imported. ` : ""}${waiting.length && done ? `${several(waiting.length, "file")} left.` : ""}</p>
        <div class="buttons">
          <button type="submit" class="wa-brand" ?disabled=${this.busy || waiting.length === 0}>${this.busy ? "Importing …" : again ? `Retry the ${waiting.length} that failed` : `Import ${several(waiting.length, "file")}`}</button>
          <a class="button" href=${address("certificates")}>${done ? "To the certificates" : "Cancel"}</a>
        </div>
        ${copyAsCommand(this.command)}
      </form>`;
  }

  private renderEntry(entry: Entry): TemplateResult {
    const { file, certificate, error } = entry;
    const open = entry.state !== "done";
    const there = error instanceof Problem ? error.certificateId : null;
    return html`<li class="card">
      <div class="title-row"><strong dir="auto">${file.name}</strong> <span class="quiet">${Math.ceil(file.size / 1024)} KB</span><span class="spacer"></span>
        ${entry.state === "done" ? html`<span class="badge good">Imported</span>` : entry.state === "refused" ? html`<span class="badge bad">Refused</span>` : entry.state === "working" ? html`<span class="badge info">Importing …</span>` : nothing}
        ${open ? html`<button type="button" class="wa-plain" aria-label=${`Take ${file.name} away`} @click=${() => (this.entries = this.entries.filter((each) => each !== entry))}>Take away</button>` : nothing}
      </div>
      ${certificate ? html`<p><a dir="auto" href=${address("certificates", certificate.id)}>${certificate.alias}</a> <span class="quiet" dir="auto">${certificate.subject}</span>${certificate.has_private_key ? nothing : html` <span class="badge off">without its private key</span>`}</p>` : nothing}
      ${refusal(error)}
      ${there ? html`<p><a href=${address("certificates", there)}>The certificate that is there</a></p>` : nothing}
      ${open && fits(file)
        ? html`<div class="pair">${textField({ name: "password", label: `Password of ${file.name}`, type: "password", autocomplete: "off", value: entry.password, hint: "Where the file has one", change: (value) => this.set(entry, { password: value }) })}
            ${textField({ name: "alias", label: `Name for ${file.name}`, most: 128, value: entry.alias, hint: "As the file says, where it is empty", change: (value) => this.set(entry, { alias: value }) })}</div>`
        : nothing}
    </li>`;
  }

  private set(entry: Entry, change: Partial<Entry>): void {
    Object.assign(entry, change);
    this.requestUpdate();
  }

  private take(files: File[]): void {
    this.entries = [
      ...this.entries,
      ...files.map((file): Entry => {
        const error = fits(file) ? null : new Error(sizeRefused(file));
        return { file, password: "", alias: "", state: error ? "refused" : "waiting", certificate: null, error };
      }),
    ];
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    this.busy = true;
    for (const entry of this.entries) {
      if (entry.state === "done" || !fits(entry.file)) continue;
      this.set(entry, { state: "working", error: null });
      try {
        const certificate = await answerOf(
          api.POST("/v1/certificates", {
            params: { header: once() },
            body: {
              content: await base64Of(entry.file),
              ...(entry.password ? { password: entry.password } : {}),
              ...(entry.alias.trim() ? { alias: entry.alias.trim() } : {}),
              ...(this.owner.trim() ? { owner: this.owner.trim() } : {}),
              ...(this.chosen.length ? { groups: this.chosen } : {}),
              ...(this.asksForReason ? { ask_for_reason: true } : {}),
            },
          }),
        );
        this.set(entry, { state: "done", certificate });
        entry.password = "";
      } catch (error) {
        this.set(entry, { state: "refused", error: asError(error) });
      }
    }
    this.busy = false;
  }
}
