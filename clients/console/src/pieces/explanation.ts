// What the policies say of one use: the verdict, and each policy that was looked at with what matched.

import { html, nothing, type TemplateResult } from "lit";

import type { Schemas } from "../api/client";
import { address } from "../router";
import { words } from "./format";

export function explanation(told: Schemas["ExplanationBody"]): TemplateResult {
  const parts = ["what", "who", "where", "when"] as const;
  return html`<p><span class=${`badge ${told.allowed ? "good" : "bad"}`}>${told.allowed ? "Allowed" : "Refused"}</span> because of ${told.because === "owner" ? "ownership" : told.because === "policy" ? "a policy" : html`<code>${told.because}</code>`}</p>
    ${told.trace.length
      ? html`<div class="table" tabindex="0" role="region" aria-label="Policies looked at"><table><thead><tr><th scope="col">Priority</th><th scope="col">Policy</th>${parts.map((part) => html`<th scope="col">${words(part)}</th>`)}<th scope="col">Verdict</th></tr></thead>
        <tbody>${told.trace.map((each) => html`<tr class=${each.policy === told.decided_by ? "selected" : ""}><td class="number">${each.priority}</td>
          <th scope="row"><a dir="auto" href=${address("policies", each.policy)}>${each.name}</a> <span class=${`badge ${each.action === "allow" ? "good" : "bad"}`}>${each.action}</span></th>
          ${parts.map((part) => html`<td>${each.matched[part] ? "✓" : "–"}<span class="hidden">${each.matched[part] ? "matches" : "does not match"}</span></td>`)}
          <td>${words(each.verdict)}${each.reasons.length ? html`<br /><span class="quiet">${each.reasons.join("; ")}</span>` : nothing}</td></tr>`)}</tbody></table></div>`
      : html`<p class="quiet">No policy names both.</p>`}`;
}
