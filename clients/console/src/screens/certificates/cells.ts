// How a certificate's status, expiry and names are shown, in the table and on its page.

import { html, nothing, type TemplateResult } from "lit";

import type { Certificate, Schemas } from "../../api/client";
import { day, EXPIRY_WORDS, fromNow } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { address, ofGroup } from "../../router";
import { session } from "../../session/session";

/** The four parts: enabled or not, an owner, a PIN, a reason; what it has not is there as well, faintly. */
export function statusParts(certificate: Certificate): TemplateResult {
  const { enabled, has_owner, pin_required, reason_required } = certificate.status_info;
  return html`<ul class="status-parts" aria-label="Status">
    <li><span class=${`badge ${enabled ? "good" : "off"}`}>${enabled ? "Enabled" : "Disabled"}</span></li>
    ${part("person", has_owner, "Has an owner", "Has no owner")}
    ${part("lock", pin_required, "Asks for a PIN", "Asks for no PIN")}
    ${part("reason", reason_required, "Asks for a reason", "Asks for no reason")}
  </ul>`;
}

function part(name: "person" | "lock" | "reason", is: boolean, yes: string, no: string): TemplateResult {
  const text = is ? yes : no;
  return html`<li title=${text} class=${is ? "" : "absent"}>${icon(name)}<span class="hidden">${text}</span></li>`;
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
  const shown = (each: Schemas["Mention"]): TemplateResult =>
    noun === "groups" ? html`<a href=${ofGroup(each.id)} dir="auto">${each.name}</a>` : policyName(each);
  return html`<ul class="names">${of.slice(0, most).map((each) => html`<li>${shown(each)}</li>`)}
    ${of.length > most ? html`<li class="quiet" title=${of.slice(most).map((each) => each.name).join(", ")}>and ${of.length - most} more</li>` : nothing}</ul>`;
}

/** A policy's name, which leads to it where the caller's role lets look at policies. */
export function policyName(of: Schemas["Mention"]): TemplateResult {
  return session.may("policies:view")
    ? html`<a href=${address("policies", of.id)} dir="auto">${of.name}</a>`
    : html`<span dir="auto">${of.name}</span>`;
}
