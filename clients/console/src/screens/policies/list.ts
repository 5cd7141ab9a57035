// Policies in the order in which they are asked, and beside them: would this caller be allowed?

import "./explain";

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Schemas } from "../../api/client";
import { ListScreen } from "../../pieces/list";
import { whereInWords, whoInWords, windowInWords } from "../../pieces/policy_words";
import { empty } from "../../pieces/states";
import { pager, type View } from "../../pieces/view";
import { address } from "../../router";
import { session } from "../../session/session";

type Page = Schemas["PolicyPage"];

@customElement("policies-screen")
export class PoliciesScreen extends ListScreen<Page> {
  constructor() {
    super("policies");
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/policies", { params: { query: { ...(view as object), limit: 200 } } }));
  }

  override render(): TemplateResult {
    return html`<div class="title-row"><h1>Policies</h1><span class="spacer"></span>
        ${session.mayMakePolicies ? html`<a class="button brand" href=${address("policies", "new")}>New policy</a>` : nothing}</div>
      <p class="quiet">The first that matches decides, priority 0 first; at equal priority a deny wins. Where none matches, only the owner may sign.</p>
      ${this.page.show((page) => this.renderPage(page), () => this.load())}
      <policy-explain></policy-explain>`;
  }

  private renderPage(page: Page): TemplateResult {
    if (page.items.length === 0 && page.next_cursor === null) return empty("No policies", "Until there is one, only its owner can sign with a certificate.");
    const items = [...page.items].sort((one, other) => one.priority - other.priority || (one.action === "deny" ? -1 : 1));
    return html`<div class="table" tabindex="0" role="region" aria-label="Policies" aria-busy=${this.page.busy}><table>
        <thead><tr><th scope="col" class="number">Priority</th><th scope="col">Name</th><th scope="col">Action</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Where</th><th scope="col">When</th></tr></thead>
        <tbody>${items.map((each) => html`<tr>
          <td class="number">${each.priority}</td>
          <th scope="row"><a class="alias" dir="auto" href=${address("policies", each.id)}>${each.name}</a>${each.enabled ? nothing : html` <span class="badge off">Disabled</span>`}</th>
          <td><span class=${`badge ${each.action === "allow" ? "good" : "bad"}`}>${each.action}</span></td>
          <td>${[each.what.certificates.length ? `${each.what.certificates.length} by name` : "", each.what.groups.length ? `${each.what.groups.length} by group` : ""].filter(Boolean).join(", ")}</td>
          <td class="break" dir="auto">${whoInWords(each.who)}</td><td class="break" dir="auto">${whereInWords(each.where)}</td>
          <td>${each.when.length ? each.when.map((window) => html`<div>${windowInWords(window)}</div>`) : "at any time"}</td></tr>`)}</tbody></table></div>
      ${pager(page.next_cursor, page.items.length)}`;
  }
}
