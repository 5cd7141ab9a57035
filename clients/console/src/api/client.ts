// Asks the API, typed by its own description: a route, a parameter or a field that is no longer there does not compile.

import createClient, { type FetchResponse } from "openapi-fetch";

import { patiently } from "./patience";
import { OutOfReach, Problem } from "./problems";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Certificate = Schemas["CertificateBody"];
export type SigningRequest = Schemas["RequestBody"];
export type Policy = Schemas["PolicyBody"];
export type CertificateGroup = Schemas["CertificateGroupBody"];
export type Role = Schemas["RoleBody"];
export type Event = Schemas["EventBody"];
export type Me = Schemas["MeBody"];

/** What lends requests their token; the session registers itself. */
export interface Bearer {
  /** A token that is good now; renewed, or after another login, where it was not. */
  token(): Promise<string | null>;
  /** The service did not take `token`: get another one. */
  renew(token: string): Promise<string | null>;
}

let bearer: Bearer = { token: async () => null, renew: async () => null };

export function authorizeBy(other: Bearer): void {
  bearer = other;
}

async function send(request: Request): Promise<Response> {
  if (request.headers.has("Authorization")) return patiently(request, null); // with a token that is nobody's yet
  const token = await bearer.token();
  const response = await patiently(request.clone(), token);
  if (response.status !== 401 || token === null) return response;
  const another = await bearer.renew(token);
  return another === null ? response : patiently(request, another);
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/** The body of an answer that is JSON (or, asked for as such, a `Blob`); what the service refuses is thrown as a `Problem`. */
export async function answerOf<T extends Record<string | number, unknown>, O, M extends `${string}/${string}`>(
  asked: Promise<FetchResponse<T, O, M>>,
): Promise<Exclude<NonNullable<FetchResponse<T, O, M>["data"]>, string>> {
  let answered: FetchResponse<T, O, M>;
  try {
    answered = await asked;
  } catch (error) {
    // An answer that was cut is no JSON, and one that is not read in time ends as if it were cut.
    const isCut = error instanceof SyntaxError || error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
    throw isCut ? new OutOfReach() : error;
  }
  const { data, error, response } = answered;
  // Where something is to be told, nothing at all, or no object, is not what the service has answered.
  if (response.ok && response.status !== 204 && (typeof data !== "object" || data === null)) throw new OutOfReach();
  if (response.ok) return data as Exclude<NonNullable<FetchResponse<T, O, M>["data"]>, string>;
  const body = typeof error === "object" && error !== null ? error : {};
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  throw new Problem(response.status, body, Number.isFinite(after) ? after : null);
}

/** The header that makes a repeat of a POST harmless. */
export function once(): { "Idempotency-Key": string } {
  return { "Idempotency-Key": crypto.randomUUID() };
}

/** The header that insists on the version that was looked at. */
export function ifUnchanged(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}
