// Who am I: how the service knows me, and what it lets me do.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { copyAsCommand } from "../pieces/command";
import { ConsoleElement } from "../pieces/element";
import { ofGroup } from "../router";
import { session } from "../session/session";

@customElement("me-screen")
export class MeScreen extends ConsoleElement {
  override render(): TemplateResult {
    const me = session.me!;
    const groups = me.certificate_groups;
    return html`<h1>Who am I</h1>
      <dl class="facts">
        <dt>User</dt><dd dir="auto">${me.user}</dd>
        <dt>User groups</dt><dd>${me.user_groups.length ? html`<ul class="plain">${me.user_groups.map((each) => html`<li dir="auto">${each}</li>`)}</ul>` : "none"}</dd>
        <dt>Role</dt><dd>${me.role ? me.role.name : "none: you see what you own and what a policy lets you use"}</dd>
        <dt>Certificate groups</dt><dd>${groups === "all" ? "all certificates" : groups.length
          ? html`<ul class="plain">${groups.map((each) => html`<li><a href=${ofGroup(each.group)}>${each.group}</a> ${each.rights.length ? each.rights.join(", ") : "view"}</li>`)}</ul>`
          : "none"}</dd>
        <dt>Permissions</dt><dd>${me.permissions.length ? html`<ul class="plain columns">${me.permissions.map((each) => html`<li><code>${each}</code></li>`)}</ul>` : "none"}</dd>
        <dt>Logged in with</dt><dd>${session.issuer ? html`${session.issuer.alias} <span class="quiet">${session.issuer.issuer}</span>` : nothing}</dd>
      </dl>
      ${copyAsCommand({ signet: ["whoami"], method: "GET", path: "/v1/me" })}`;
  }
}
