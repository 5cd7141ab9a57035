// An order for a signing request, new or to renew, as the `signet` command gives it.

import type { Certificate, Schemas } from "../../api/client";
import type { Command } from "../../pieces/command";

type Order = Schemas["CreateRequestBody"];

const ATTRIBUTES = [
  ["common_name", "CN"], ["organizational_unit", "OU"], ["organization", "O"], ["locality", "L"], ["state", "ST"], ["country", "C"],
] as const;
/** What the command has options for; the rest of an order goes by curl alone. */
const KNOWN = new Set(["key_algorithm", "hash", "subject", "distinguished_name", "subject_alternative_names", "extended_key_usage", "alias", "description", "owner", "groups"]);

/** `groupNames` are those of the order's groups. A PIN is shown by no command. */
export function orderAsCommand(order: Order, groupNames: readonly string[]): Command {
  const { pin, ...shown } = order;
  const curl = { method: "POST", path: "/v1/signing-requests", body: pin ? { ...shown, pin: "…" } : shown } as const;
  const { subject, subject_alternative_names: names } = order;
  const isPlain = Object.keys(order).every((field) => KNOWN.has(field)) && (order.hash ?? "SHA_256") === "SHA_256"
    && !subject?.email && !names?.uri?.length && !names?.ip?.length;
  if (!isPlain) return curl;
  const options = [
    ...one("--key-algorithm", order.key_algorithm), ...one("--alias", order.alias), ...one("--description", order.description),
    ...one("--owner", order.owner), ...several("--group", groupNames), ...several("--dns", names?.dns), ...several("--email", names?.email),
    ...several("--usage", order.extended_key_usage),
  ];
  return { ...curl, signet: ["requests", "create", ...options], names: [order.distinguished_name ?? distinguishedName(subject ?? {})] };
}

/** What is in `changes` is other than in `certificate`. */
export function renewalAsCommand(changes: Schemas["CsrBody"], certificate: Certificate): Command {
  const { hash, key_algorithm: key, distinguished_name: subject, subject_alternative_names: names, extended_key_usage: usages, ...more } = changes;
  const curl = { method: "POST", path: `/v1/certificates/${certificate.id}/renew`, body: changes } as const;
  // The command names what there is to be, and cannot say that there are to be none.
  const isPlain = Object.keys(more).length === 0 && hash === "SHA_256" && (!names || (!names.uri?.length && !names.ip?.length && Boolean(names.dns?.length || names.email?.length)))
    && (!usages || usages.length > 0);
  if (!isPlain) return curl;
  const options = [...one("--key-algorithm", key), ...one("--subject", subject), ...several("--dns", names?.dns), ...several("--email", names?.email), ...several("--usage", usages)];
  return { ...curl, signet: ["certificates", "renew", ...options], names: [certificate.alias] };
}

function several(option: string, values: readonly string[] | null | undefined): string[] {
  return (values ?? []).flatMap((each) => [option, each]);
}

function one(option: string, value: string | null | undefined): string[] {
  return value ? [option, value] : [];
}

/** RFC 4514, the common name first. */
function distinguishedName(subject: NonNullable<Order["subject"]>): string {
  return ATTRIBUTES.flatMap(([field, attribute]) => (subject[field] ? [`${attribute}=${escaped(String(subject[field]))}`] : [])).join(",");
}

/** RFC 4514, 2.4 */
function escaped(value: string): string {
  return value.replace(/[\\,+"<>;=]/g, "\\$&").replace(/^[ #]/, "\\$&").replace(/ $/, "\\ ");
}
