// Certificate groups: named sets, some with a limit. Administrators make, change and delete them.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type CertificateGroup, ifUnchanged, once, type Schemas } from "../../api/client";
import { copyAsCommand } from "../../pieces/command";
import { ask } from "../../pieces/dialogs";
import { textField } from "../../pieces/fields";
import { count } from "../../pieces/format";
import { ListScreen } from "../../pieces/list";
import { notify } from "../../pieces/notices";
import { empty } from "../../pieces/states";
import { pager, type View } from "../../pieces/view";
import { address, query } from "../../router";
import { session } from "../../session/session";

type Page = Schemas["CertificateGroupPage"];

@customElement("groups-screen")
export class GroupsScreen extends ListScreen<Page> {
  constructor() {
    super("certificate groups");
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/certificate-groups", { params: { query: { ...(view as object), limit: 50 } } }));
  }

  override render(): TemplateResult {
    return html`<div class="title-row"><h1>Groups</h1><span class="spacer"></span>
        ${session.isAdministrator ? html`<button type="button" class="wa-brand" @click=${() => this.edit(null)}>New group</button>` : nothing}</div>
      ${this.page.show((page) => this.renderPage(page), () => this.load())}`;
  }

  private renderPage(page: Page): TemplateResult {
    if (page.items.length === 0 && page.next_cursor === null) {
      return empty("No certificate groups", session.isAdministrator ? "Groups say which role manages a certificate, and which policies it is under." : "You see the groups of certificates that you see.");
    }
    return html`<div class="table" tabindex="0" role="region" aria-label="Certificate groups" aria-busy=${this.page.busy}><table>
      <thead><tr><th scope="col">Name</th><th scope="col">Description</th><th scope="col" class="number">Certificates</th><th scope="col" class="number">Limit</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${page.items.map((group) => html`<tr>
        <th scope="row"><a class="alias" dir="auto" href=${address("certificates") + query({ group: group.id })}>${group.name}</a></th>
        <td dir="auto">${group.description}</td><td class="number">${count(group.certificate_count)}</td><td class="number">${group.certificate_limit ?? "none"}</td>
        <td>${session.isAdministrator ? html`<div class="buttons"><button type="button" aria-label=${`Edit ${group.name}`} @click=${() => this.edit(group)}>Edit</button><button type="button" aria-label=${`Delete ${group.name}`} @click=${() => this.erase(group)}>Delete</button></div>` : nothing}</td></tr>`)}</tbody></table></div>
      ${pager(page.next_cursor, page.items.length)}`;
  }

  private async edit(group: CertificateGroup | null): Promise<void> {
    let [name, description, limit] = [group?.name ?? "", group?.description ?? "", group?.certificate_limit?.toString() ?? ""];
    const body = (): Schemas["NewCertificateGroup"] => ({ name: name.trim(), description, certificate_limit: limit.trim() === "" ? null : Number(limit) });
    const done = await ask({
      title: group ? `Edit ${group.name}` : "New certificate group",
      content: (change) => html`${textField({ name: "name", label: "Name", value: name, required: true, most: 128, change: (value) => { name = value; change(); } })}
        ${textField({ name: "description", label: "Description", value: description, change: (value) => { description = value; change(); } })}
        ${textField({ name: "certificate_limit", label: "Certificates at most", type: "number", value: limit, hint: "No limit, where it is empty", change: (value) => { limit = value; change(); } })}
        ${copyAsCommand(group ? { method: "PATCH", path: `/v1/certificate-groups/${group.id}`, body: body(), headers: ifUnchanged(group.version) } : { method: "POST", path: "/v1/certificate-groups", body: body() })}`,
      confirm: group ? "Save" : "Create",
      ready: () => name.trim() !== "",
      act: async () => {
        if (group) await answerOf(api.PATCH("/v1/certificate-groups/{id}", { params: { path: { id: group.id }, header: ifUnchanged(group.version) }, body: body() }));
        else await answerOf(api.POST("/v1/certificate-groups", { params: { header: once() }, body: body() }));
        notify(`${name.trim()} is saved`);
      },
    });
    if (done) await this.load();
  }

  private async erase(group: CertificateGroup): Promise<void> {
    const done = await ask({
      title: `Delete ${group.name}?`,
      content: () => html`<p>Its ${count(group.certificate_count)} certificates stay. A group that policies or roles name cannot be deleted.</p>
        ${copyAsCommand({ signet: ["groups", "delete", group.name], method: "DELETE", path: `/v1/certificate-groups/${group.id}` })}`,
      confirm: "Delete",
      dangerous: true,
      act: async () => {
        await answerOf(api.DELETE("/v1/certificate-groups/{id}", { params: { path: { id: group.id }, header: ifUnchanged(group.version) } }));
        notify(`${group.name} is deleted`);
      },
    });
    if (done) await this.load();
  }
}
