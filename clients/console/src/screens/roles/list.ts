// Roles: what they permit, on which groups, and to whom they are given. An Administrator makes and changes them.

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";

import { answerOf, api, type Role, type Schemas } from "../../api/client";
import { allGroups } from "../../pieces/choices";
import { copyAsCommand } from "../../pieces/command";
import { ListScreen } from "../../pieces/list";
import { pager, type View } from "../../pieces/view";
import { address } from "../../router";
import { session } from "../../session/session";
import { mentions } from "../certificates/cells";

type Page = Schemas["RolePage"];

@customElement("roles-screen")
export class RolesScreen extends ListScreen<Page> {
  @state() private names: ReadonlyMap<string, string> = new Map();

  constructor() {
    super("roles");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    allGroups().then((groups) => (this.names = new Map(groups.map((each) => [each.id, each.name]))), () => undefined);
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/roles", { params: { query: { ...(view as object), limit: 50 } } }));
  }

  override render(): TemplateResult {
    return html`<div class="title-row"><h1>Roles</h1><span class="spacer"></span>
        ${session.isAdministrator ? html`<a class="button brand" href=${address("roles", "new")}>New role</a>` : nothing}</div>
      <p class="quiet">A role permits to manage, and never to sign. Of several, one is in force: given directly before given through a group, then the lower priority.</p>
      ${this.page.show((page) => this.renderPage(page), () => this.load())}
      ${copyAsCommand({ signet: ["roles", "list"], method: "GET", path: "/v1/roles" })}`;
  }

  private renderPage(page: Page): TemplateResult {
    return html`<div class="table" tabindex="0" role="region" aria-label="Roles" aria-busy=${this.page.busy}><table>
        <thead><tr><th scope="col">Name</th><th scope="col" class="number">Priority</th><th scope="col">Given to</th><th scope="col">Groups</th><th scope="col">Permits</th></tr></thead>
        <tbody>${page.items.map((each) => this.renderRow(each))}</tbody></table></div>
      ${pager(page.next_cursor, page.items.length)}`;
  }

  private renderRow(role: Role): TemplateResult {
    return html`<tr>
      <th scope="row"><a class="alias" dir="auto" href=${address("roles", role.id)}>${role.name}</a>${role.built_in ? html` <span class="badge info">built in</span>` : nothing}</th>
      <td class="number">${role.priority}</td>
      <td class="break" dir="auto">${[...role.users, ...role.user_groups].join(", ") || html`<span class="quiet">nobody</span>`}</td>
      <td>${role.certificate_groups === "all" ? "all certificates" : mentions(role.certificate_groups.map(({ group }) => ({ id: group, name: this.names.get(group) ?? group })), "groups")}</td>
      <td>${role.permissions.length} ${role.permissions.length === 1 ? "permission" : "permissions"}</td></tr>`;
  }
}
