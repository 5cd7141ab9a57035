// Certificate groups: named sets, some with a limit. Administrators make, change and delete them.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type CertificateGroup, ifUnchanged, once, type Schemas } from "../../api/client";
import { changesOf } from "../../pieces/changes";
import { type Command, copyAsCommand } from "../../pieces/command";
import { conflict } from "../../pieces/conflict";
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
type Draft = Pick<CertificateGroup, "name" | "description" | "certificate_limit">;

const NEW: Draft = { name: "", description: "", certificate_limit: null };
const LABELS: Record<keyof Draft, string> = { name: "Name", description: "Description", certificate_limit: "Certificates at most" };

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
    let before = group;
    let draft = group ? draftOf(group) : NEW;
    let version = group?.version ?? 0;
    const done = await ask({
      title: group ? `Edit ${group.name}` : "New certificate group",
      content: (draw) => {
        const set = (change: Partial<Draft>): void => {
          draft = { ...draft, ...change };
          draw();
        };
        return html`${textField({ name: "name", label: "Name", value: draft.name, required: true, most: 128, change: (name) => set({ name }) })}
          ${textField({ name: "description", label: "Description", value: draft.description, change: (description) => set({ description }) })}
          ${textField({ name: "certificate_limit", label: "Certificates at most", type: "number", value: draft.certificate_limit?.toString() ?? "", hint: "No limit, where it is empty", change: (value) => set({ certificate_limit: value.trim() === "" ? null : Number(value) }) })}
          ${copyAsCommand(commandOf(draft, before))}`;
      },
      confirm: group ? "Save" : "Create",
      ready: () => draft.name.trim() !== "",
      act: async () => {
        if (before) await answerOf(api.PATCH("/v1/certificate-groups/{id}", { params: { path: { id: before.id }, header: ifUnchanged(version) }, body: changesOf(draft, draftOf(before)) }));
        else await answerOf(api.POST("/v1/certificate-groups", { params: { header: once() }, body: draft }));
        notify(`${draft.name.trim()} is saved`);
      },
      compare: async (again, drop) => {
        const now = await answerOf(api.GET("/v1/certificate-groups/{id}", { params: { path: { id: before!.id } } }));
        return conflict({
          before: before!,
          theirs: now,
          settings: (Object.keys(changesOf(draft, draftOf(before!))) as (keyof Draft)[]).map((name) => [LABELS[name], draft[name] ?? "none", now[name] ?? "none"]),
          overwrite: () => {
            version = now.version;
            again();
          },
          take: () => {
            before = now;
            draft = draftOf(now);
            version = now.version;
            drop();
          },
        });
      },
    });
    if (done) await this.load();
  }

  private async erase(group: CertificateGroup): Promise<void> {
    const done = await ask({
      title: `Delete ${group.name}?`,
      content: () => html`<p>Its ${count(group.certificate_count)} certificates stay. A group that policies or roles name cannot be deleted.</p>
        ${copyAsCommand({ signet: ["groups", "delete"], names: [group.name], method: "DELETE", path: `/v1/certificate-groups/${group.id}` })}`,
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

function commandOf(draft: Draft, before: CertificateGroup | null): Command {
  const body = before ? changesOf(draft, draftOf(before)) : draft;
  const options = [
    ...(before && body.name !== undefined ? ["--name", body.name] : []),
    ...(body.description !== undefined ? ["--description", body.description] : []),
    ...(body.certificate_limit !== undefined && (before || body.certificate_limit) ? ["--limit", String(body.certificate_limit ?? 0)] : []),
  ];
  return before
    ? { signet: ["groups", "update", ...options], names: [before.name], method: "PATCH", path: `/v1/certificate-groups/${before.id}`, body, headers: ifUnchanged(before.version) }
    : { signet: ["groups", "create", ...options], names: [draft.name], method: "POST", path: "/v1/certificate-groups", body };
}

function draftOf({ name, description, certificate_limit }: CertificateGroup): Draft {
  return { name, description, certificate_limit };
}
