// Asks the API, typed by its own description: a route, a parameter or a field that is no longer there does not compile.

import createClient, { type FetchResponse } from "openapi-fetch";

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
  const token = await bearer.token();
  const response = await attempt(request.clone(), token);
  if (response.status !== 401 || token === null) return response;
  const another = await bearer.renew(token);
  return another === null ? response : attempt(request, another);
}

async function attempt(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new OutOfReach();
  }
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
    // An answer that was cut is no JSON.
    throw error instanceof SyntaxError || error instanceof TypeError ? new OutOfReach() : error;
  }
  const { data, error, response } = answered;
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
