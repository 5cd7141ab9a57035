// Roles: what they permit, on which groups, and to whom they are given. An Administrator sees all, a Viewer too.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Role, type Schemas } from "../api/client";
import { copyAsCommand } from "../pieces/command";
import { ListScreen } from "../pieces/list";
import { pager, type View } from "../pieces/view";
import { ofGroup } from "../router";

type Page = Schemas["RolePage"];

@customElement("roles-screen")
export class RolesScreen extends ListScreen<Page> {
  constructor() {
    super("roles");
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/roles", { params: { query: { ...(view as object), limit: 50 } } }));
  }

  override render(): TemplateResult {
    return html`<h1>Roles</h1><p class="quiet">A role permits to manage, and never to sign. Of several, one is in force: given directly before given through a group, then the lower priority.</p>
      ${this.page.show((page) => html`<div class="cards">${page.items.map((each) => this.renderRole(each))}</div>${pager(page.next_cursor, page.items.length)}`, () => this.load())}
      ${copyAsCommand({ signet: ["roles", "list"], method: "GET", path: "/v1/roles" })}`;
  }

  private renderRole(role: Role): TemplateResult {
    return html`<section class="card"><h2 dir="auto">${role.name} ${role.built_in ? html`<span class="badge info">built in</span>` : nothing}</h2>
      ${role.description ? html`<p dir="auto">${role.description}</p>` : nothing}
      <dl class="inner"><dt>Priority</dt><dd>${role.priority}</dd>
        <dt>Given to</dt><dd dir="auto">${[...role.users, ...role.user_groups].join(", ") || "nobody"}</dd>
        <dt>Groups</dt><dd>${role.certificate_groups === "all" ? "all certificates" : role.certificate_groups.map((each) => html`<div><a href=${ofGroup(each.group)}>${each.group}</a> ${each.rights.join(", ") || "view"}</div>`)}</dd>
        <dt>Permits</dt><dd>${role.permissions.map((each) => html`<code>${each}</code> `)}</dd></dl></section>`;
  }
}
