// Events as a table: who did or was refused what, and why.

import { html, nothing, type TemplateResult } from "lit";

import type { Event } from "../api/client";
import { address } from "../router";
import { moment } from "./format";

export function eventTable(events: readonly Event[], { withCertificate = true } = {}): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label="Events"><table>
    <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th>${withCertificate ? html`<th scope="col">Certificate</th>` : nothing}<th scope="col">From</th><th scope="col"><span class="hidden">More</span></th></tr></thead>
    <tbody>${events.map((each) => html`<tr>
      <td class="moment">${moment(each.occurred_at)}</td>
      <th scope="row">${each.type} ${each.outcome === "refused" ? html`<span class="badge bad">refused</span> <code>${each.code}</code>` : nothing}</th>
      <td dir="auto">${each.user}</td>
      ${withCertificate ? html`<td>${each.certificate ? html`<a dir="auto" href=${address("certificates", each.certificate.id)}>${each.certificate.alias}</a>` : nothing}</td>` : nothing}
      <td class="quiet">${each.source_ip}</td>
      <td><a href=${address("events", each.id)}>${each.outcome === "refused" ? "Why?" : "More"}</a></td>
    </tr>`)}</tbody></table></div>`;
}
