// Login by authorization code with PKCE (RFC 7636), at an issuer that the service trusts.
//
// Tokens live in the memory of this page and nowhere else. What has to survive the way to the issuer and back, PKCE's
// verifier with the state and the nonce, lies in the session's storage until the first answer, whatever that says.

import * as oauth from "oauth4webapi";

import { LoginError, ProviderOutOfReach } from "../api/problems";
import { ANOTHER_LOGIN, answerTo, client, discover, type Issuer, options, pageOf, told } from "./provider";

export type { Issuer };

export interface Tokens {
  issuer: Issuer;
  /** What is sent to the service. */
  bearer: string;
  refresh: string | null;
  /** When to have it renewed, and when it ends, by this machine's clock, in milliseconds; null where the issuer does not say. */
  renewAt: number | null;
  endsAt: number | null;
}

interface Begun {
  issuer: Issuer;
  verifier: string;
  state: string;
  nonce: string;
  back: string;
}

const STORED = "signet.login";
const ANSWERS = "/console/login";
/** A token is renewed when less than this is left of it, or less than half, in milliseconds. */
const SOON = 60_000;
/** What fits into a header of a request; the service takes about 10,000 bytes of them. */
const TOKEN = /^[\x21-\x7e]{1,9000}$/;

/**
 * Where the answer of `issuer` comes to, and no other's (RFC 9700, 4.4.2.2): an issuer that sends people on to another one gets no code
 * of it, also where that one does not say in its answer who it is (RFC 9207).
 */
function redirectOf(issuer: Issuer): string {
  return `${location.origin}${ANSWERS}/${encodeURIComponent(issuer.alias)}`;
}

/** Named by the login's own state, which nobody else knows: no other page of the origin hears the code or can answer. */
function channelOf(state: string): BroadcastChannel {
  return new BroadcastChannel(`${STORED}.${state}`);
}

async function begun(issuer: Issuer, back: string, kind: "page" | "window"): Promise<[URL, Begun]> {
  const server = await discover(issuer);
  const url = pageOf(issuer, server.authorization_endpoint);
  const verifier = oauth.generateRandomCodeVerifier();
  const start: Begun = {
    issuer,
    verifier,
    state: `${kind}.${oauth.generateRandomState()}`,
    nonce: oauth.generateRandomNonce(),
    back,
  };
  const asked = {
    response_type: "code",
    client_id: issuer.console_client_id,
    redirect_uri: redirectOf(issuer),
    scope: issuer.scopes,
    state: start.state,
    nonce: start.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return [url, start];
}

/** Go to the issuer; the page comes back to `back`. */
export async function leaveForLogin(issuer: Issuer, back: string): Promise<void> {
  const [url, start] = await begun(issuer, back, "page");
  sessionStorage.setItem(STORED, JSON.stringify(start));
  location.assign(url);
}

/** Whether this page is the issuer's answer to a login. */
export function isAnswer(): boolean {
  const isHere = location.pathname === ANSWERS || location.pathname.startsWith(`${ANSWERS}/`);
  return isHere && location.search !== "";
}

/** In a window of its own: hand the answer to the page that waits for it, and close. Whether it was one. */
export function handOver(): boolean {
  const state = new URLSearchParams(location.search).get("state");
  if (!state?.startsWith("window.")) return false;
  const channel = channelOf(state);
  channel.postMessage(location.href);
  channel.close();
  history.replaceState(null, "", ANSWERS);
  window.close();
  return true;
}

/** The tokens that the answer in the address stands for, and where to go back to. */
export async function finishLogin(): Promise<[Tokens, string]> {
  const answer = new URL(location.href);
  history.replaceState(null, "", ANSWERS); // no code stays in the address
  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (stored === null) throw new LoginError("This login was not begun in this window, or has been used already.");
  const start = JSON.parse(stored) as Begun;
  return [await redeem(start, answer), start.back];
}

/**
 * Log in in a window of its own, so that this page keeps what was typed into it.
 *
 * Whether that window is still open cannot be told: it is cut off from this page (Cross-Origin-Opener-Policy) as soon as
 * it shows the issuer. So this waits until the answer comes or `given` is aborted, because somebody has begun once more.
 */
export async function loginInWindow(issuer: Issuer, given: AbortSignal): Promise<Tokens> {
  // Opened at once, while the click counts; the address follows.
  const opened = window.open("about:blank", "_blank", "popup,width=480,height=680");
  if (opened === null) throw new LoginError("The browser opens no window. Allow it for this page, and try again.");
  let start: Begun;
  let url: URL;
  try {
    [url, start] = await begun(issuer, "", "window");
    given.throwIfAborted();
  } catch (error) {
    opened.close();
    throw error;
  }
  const channel = channelOf(start.state);
  opened.location.assign(url);
  const answer = await new Promise<URL>((resolve, reject) => {
    given.addEventListener("abort", () => reject(given.reason as Error));
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string" && URL.canParse(data)) resolve(new URL(data));
    });
  }).finally(() => {
    channel.close();
    opened.close();
  });
  return redeem(start, answer);
}

async function redeem(start: Begun, answer: URL): Promise<Tokens> {
  const { issuer } = start;
  if (answer.pathname !== new URL(redirectOf(issuer)).pathname) throw new LoginError(ANOTHER_LOGIN);
  const server = await discover(issuer);
  const parameters = await answerTo(server, issuer, answer, start.state);
  const response = await told(
    oauth.authorizationCodeGrantRequest(
      server, client(issuer), oauth.None(), parameters, redirectOf(issuer), start.verifier, options(issuer),
    ),
  );
  const result = await told(
    oauth.processAuthorizationCodeResponse(server, client(issuer), response, {
      expectedNonce: start.nonce,
      requireIdToken: true,
    }),
  );
  return tokensOf(issuer, result, null);
}

/**
 * Other tokens for the refresh token; null where the issuer gives none any more.
 *
 * Throws ProviderOutOfReach where it does not answer: a window would not reach it either.
 */
export async function refreshed(tokens: Tokens): Promise<Tokens | null> {
  if (tokens.refresh === null) return null;
  const { issuer } = tokens;
  try {
    const server = await discover(issuer);
    const response = await told(
      oauth.refreshTokenGrantRequest(server, client(issuer), oauth.None(), tokens.refresh, options(issuer)),
    );
    const result = await told(oauth.processRefreshTokenResponse(server, client(issuer), response));
    if (issuer.token === "id_token" && !result.id_token) return null;
    return tokensOf(issuer, result, tokens.refresh);
  } catch (error) {
    if (error instanceof ProviderOutOfReach) throw error;
    return null; // whatever the reason, the person can log in again
  }
}

/** Give the tokens up at the issuer, and where to go so that its session ends, too. */
export async function loggedOut(tokens: Tokens): Promise<string> {
  const { issuer } = tokens;
  try {
    const server = await discover(issuer);
    if (server.revocation_endpoint) await Promise.allSettled(revocable(tokens).map((each) => revoke(server, issuer, each)));
    if (!server.end_session_endpoint) return "/console/";
    const url = pageOf(issuer, server.end_session_endpoint);
    url.searchParams.set("client_id", issuer.console_client_id); // in the place of a token, which no address may hold
    url.searchParams.set("post_logout_redirect_uri", `${location.origin}/console/`);
    return url.href;
  } catch {
    return "/console/";
  }
}

/** An id token is nothing that an issuer takes back (RFC 7009, 2.1). */
function revocable(tokens: Tokens): string[] {
  return [tokens.refresh, tokens.issuer.token === "access_token" ? tokens.bearer : null].filter((each) => each !== null);
}

async function revoke(server: oauth.AuthorizationServer, issuer: Issuer, token: string): Promise<void> {
  await oauth.revocationRequest(server, client(issuer), oauth.None(), token, options(issuer));
}

function tokensOf(issuer: Issuer, answered: oauth.TokenEndpointResponse, before: string | null): Tokens {
  const claims = issuer.token === "id_token" ? oauth.getValidatedIdTokenClaims(answered) : undefined;
  const bearer = issuer.token === "id_token" ? answered.id_token : answered.access_token;
  if (!bearer || !TOKEN.test(bearer)) throw new LoginError("The identity provider has given no token that can be used.");
  const seconds = claims ? claims.exp - claims.iat : answered.expires_in;
  const now = Date.now();
  const life = seconds === undefined ? null : seconds * 1000;
  return {
    issuer,
    bearer,
    refresh: answered.refresh_token ?? before,
    renewAt: life === null ? null : now + life - Math.min(SOON, life / 2),
    endsAt: life === null ? null : now + life,
  };
}
