// Talks to an identity provider, which may be slow, broken or somebody else's: what it says is bounded, checked, and told
// in words of ours.

import * as oauth from "oauth4webapi";

import type { Schemas } from "../api/client";
import { LoginError, ProviderOutOfReach } from "../api/problems";

export type Issuer = Schemas["LoginIssuerBody"];

/** No answer of a provider is longer; a token of this length would be refused by the service anyway. */
const MOST_BYTES = 256 * 1024;
const PATIENCE_MILLISECONDS = 20_000;
/** Of a text that the provider wrote. */
const MOST_LETTERS = 300;

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
export const ANOTHER_LOGIN = "The login was refused: the answer does not belong to it.";

export function client(issuer: Issuer): oauth.Client {
  return { client_id: issuer.console_client_id };
}

export function options(issuer: Issuer): {
  [oauth.allowInsecureRequests]: boolean;
  [oauth.customFetch]: (url: string, init: object) => Promise<Response>;
  signal: () => AbortSignal;
} {
  return {
    [oauth.allowInsecureRequests]: isOnThisMachine(issuer),
    [oauth.customFetch]: boundedFetch,
    signal: () => AbortSignal.timeout(PATIENCE_MILLISECONDS),
  };
}

/** Plain HTTP is for an issuer on this very machine. */
function isOnThisMachine(issuer: Issuer): boolean {
  const { protocol, hostname } = new URL(issuer.issuer);
  return protocol === "http:" && LOOPBACK.includes(hostname);
}

async function boundedFetch(url: string, init: object): Promise<Response> {
  const response = await fetch(url, { ...init, credentials: "omit", referrerPolicy: "no-referrer" });
  if (response.body === null || response.type === "opaqueredirect") return response;
  const parts: BlobPart[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    parts.push(read.value);
    length += read.value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new LoginError("The login was refused: the identity provider's answer is too long.");
    }
  }
  return new Response(new Blob(parts), { status: response.status, headers: response.headers });
}

export async function discover(issuer: Issuer): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer.issuer);
  const asked = await told(oauth.discoveryRequest(url, options(issuer)));
  return told(oauth.processDiscoveryResponse(url, asked));
}

/** A page of the provider to go to: an address of the web, and nothing that a browser would run. */
export function pageOf(issuer: Issuer, named: string | undefined): URL {
  const url = named !== undefined && URL.canParse(named) ? new URL(named) : null;
  const isWeb = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.includes(url.hostname) && isOnThisMachine(issuer));
  if (url === null || !isWeb) throw new LoginError("The login was refused: the identity provider names no login page.");
  return url;
}

/** The answer in `address`, if it belongs to the login that asked with `state`. */
export async function answerTo(
  server: oauth.AuthorizationServer, issuer: Issuer, address: URL, state: string,
): Promise<URLSearchParams> {
  return told((async () => oauth.validateAuthResponse(server, client(issuer), address, state))(), ANOTHER_LOGIN);
}

/** What the library throws, in words of ours; never with a code or a token in it. */
export async function told<T>(asked: Promise<T>, otherwise?: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw inWords(error, otherwise);
  }
}

function inWords(error: unknown, otherwise?: string): LoginError {
  if (error instanceof LoginError) return error;
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    const reason = error.error_description ? `${error.error}: ${error.error_description}` : error.error;
    return new LoginError(`The identity provider says ${reason.slice(0, MOST_LETTERS)}`);
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return new LoginError(`The login was refused: the identity provider has answered ${error.status}.`);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    if (otherwise !== undefined) return new LoginError(otherwise);
    if (error.code === oauth.JWT_TIMESTAMP_CHECK) {
      return new LoginError("The login was refused: by the clock of this machine, the answer is too old or not yet valid.");
    }
    if (error.code === oauth.JWT_CLAIM_COMPARISON) return new LoginError(ANOTHER_LOGIN);
    if (error.code === oauth.JSON_ATTRIBUTE_COMPARISON) {
      return new LoginError("The login was refused: the identity provider calls itself by another name than it is trusted under.");
    }
    return new LoginError("The login was refused: the identity provider has not answered as one does.");
  }
  return new ProviderOutOfReach();
}
