// How a certificate's status, expiry and names are shown, in the table and on its page.

import { html, nothing, type TemplateResult } from "lit";

import type { Certificate, Schemas } from "../../api/client";
import { day, EXPIRY_WORDS, fromNow } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { address, ofGroup } from "../../router";

/** The four parts: enabled or not, an owner, a PIN, a reason. */
export function statusParts(certificate: Certificate): TemplateResult {
  const { enabled, has_owner, pin_required, reason_required } = certificate.status_info;
  return html`<ul class="status-parts" aria-label="Status">
    <li><span class=${`badge ${enabled ? "good" : "off"}`}>${enabled ? "Enabled" : "Disabled"}</span></li>
    ${has_owner ? part("person", "Has an owner") : nothing}
    ${pin_required ? part("lock", "Asks for a PIN") : nothing}
    ${reason_required ? part("reason", "Asks for a reason") : nothing}
  </ul>`;
}

function part(name: "person" | "lock" | "reason", text: string): TemplateResult {
  return html`<li title=${text}>${icon(name)}<span class="hidden">${text}</span></li>`;
}

const EXPIRY_CLASS = { not_yet_valid: "off", valid: "good", expiring: "warn", expired: "bad" } as const;

export function validTo(certificate: Certificate): TemplateResult {
  const { state } = certificate.expiry;
  return html`<time datetime=${certificate.valid_to} title=${fromNow(certificate.valid_to)}>${day(certificate.valid_to)}</time>
    <span class=${`badge ${EXPIRY_CLASS[state]}`}>${EXPIRY_WORDS[state]}</span>`;
}

/** Names as links, a few of them, and how many more. */
export function mentions(of: readonly Schemas["Mention"][], noun: "groups" | "policies", most = 3): TemplateResult {
  if (of.length === 0) return html`<span class="quiet">none</span>`;
  return html`<ul class="names">${of.slice(0, most).map((each) => html`<li><a href=${noun === "groups" ? ofGroup(each.id) : address(noun, each.id)} dir="auto">${each.name}</a></li>`)}
    ${of.length > most ? html`<li class="quiet" title=${of.slice(most).map((each) => each.name).join(", ")}>and ${of.length - most} more</li>` : nothing}</ul>`;
}
