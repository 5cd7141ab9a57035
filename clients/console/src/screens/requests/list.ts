// Signing requests: what waits for a CA, and what has come of the others.

import { html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Schemas } from "../../api/client";
import { keyAlgorithm, moment } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { ListScreen } from "../../pieces/list";
import { empty } from "../../pieces/states";
import { change, pager, type View, viewOf } from "../../pieces/view";
import { address } from "../../router";
import { session } from "../../session/session";
import { STATUS_KIND, STATUS_WORDS } from "./request";

type Page = Schemas["RequestPage"];

@customElement("requests-screen")
export class RequestsScreen extends ListScreen<Page> {
  constructor() {
    super("signing requests");
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/signing-requests", { params: { query: { ...(view as object), limit: 50 } } }));
  }

  override render(): TemplateResult {
    const { status } = viewOf();
    return html`<div class="title-row"><h1>Requests</h1><span class="spacer"></span>
        ${session.mayBringIn("signing_requests:create") ? html`<a class="button brand" href=${address("requests", "new")}>${icon("request")} Generate CSR</a>` : nothing}</div>
      <search class="filters"><label class="filter">Status<select @change=${(event: Event) => change({ status: (event.target as HTMLSelectElement).value || null })}>
        <option value="">any</option>${Object.entries(STATUS_WORDS).map(([value, text]) => html`<option value=${value} .selected=${value === status}>${text}</option>`)}</select></label></search>
      ${this.page.show((page) => this.renderPage(page, status), () => this.load())}`;
  }

  private renderPage(page: Page, status: string | undefined): TemplateResult {
    if (page.items.length === 0 && page.next_cursor === null) {
      return status
        ? empty("No request fits", "There is none with this status.")
        : empty("No signing requests", "A signing request is a key pair made here and its CSR, waiting for the CA's certificate.");
    }
    return html`<div class="table" tabindex="0" role="region" aria-label="Signing requests" aria-busy=${this.page.busy}><table>
        <thead><tr><th scope="col">Name</th><th scope="col">Status</th><th scope="col">Subject</th><th scope="col">Key</th><th scope="col">Created</th></tr></thead>
        <tbody>${page.items.map((each) => html`<tr>
          <th scope="row"><a class="alias" dir="auto" href=${address("requests", each.id)}>${each.alias}</a>${each.renews ? html` <span class="badge info">Renewal</span>` : nothing}</th>
          <td><span class=${`badge ${STATUS_KIND[each.status]}`}>${STATUS_WORDS[each.status]}</span></td>
          <td dir="auto">${each.subject}</td><td>${keyAlgorithm(each.key_algorithm)}</td><td class="moment">${moment(each.created_at)}</td></tr>`)}</tbody></table></div>
      ${pager(page.next_cursor, page.items.length)}`;
  }
}
