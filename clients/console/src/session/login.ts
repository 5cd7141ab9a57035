// Login by authorization code with PKCE (RFC 7636), at an issuer that the service trusts.
//
// Tokens live in the memory of this page and nowhere else. What has to survive the way to the issuer and back, PKCE's
// verifier with the state and the nonce, lies in the session's storage until the first answer, whatever that says.

import * as oauth from "oauth4webapi";

import type { Schemas } from "../api/client";

export type Issuer = Schemas["LoginIssuerBody"];

export interface Tokens {
  issuer: Issuer;
  /** What is sent to the service. */
  bearer: string;
  refresh: string | null;
  /** When it ends, by this machine's clock, in milliseconds; null where the issuer does not say. */
  endsAt: number | null;
}

/** The issuer has said no, or has not said what was to be expected. */
export class LoginError extends Error {}

interface Begun {
  issuer: Issuer;
  verifier: string;
  state: string;
  nonce: string;
  back: string;
}

const STORED = "signet.login";
const CHANNEL = "signet.login";
const REDIRECT = `${location.origin}/console/login`;

function client(issuer: Issuer): oauth.Client {
  return { client_id: issuer.console_client_id };
}

/** Plain HTTP is for an issuer on this very machine. */
function options(issuer: Issuer): { [oauth.allowInsecureRequests]: boolean } {
  const { protocol, hostname } = new URL(issuer.issuer);
  return { [oauth.allowInsecureRequests]: protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname) };
}

async function discover(issuer: Issuer): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer.issuer);
  const asked = await told(oauth.discoveryRequest(url, options(issuer)));
  return told(oauth.processDiscoveryResponse(url, asked));
}

/** What the library throws, in words of ours; never with a code or a token in it. */
async function told<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
      throw new LoginError(`The identity provider says ${error.error}: ${error.error_description ?? "no reason given"}`);
    }
    if (error instanceof oauth.OperationProcessingError) throw new LoginError(`The login was refused: ${error.message}`);
    throw new LoginError("The identity provider does not answer.");
  }
}

async function begun(issuer: Issuer, back: string, kind: "page" | "window"): Promise<[URL, Begun]> {
  const server = await discover(issuer);
  if (!server.authorization_endpoint) throw new LoginError("The identity provider names no login page.");
  const verifier = oauth.generateRandomCodeVerifier();
  const start: Begun = {
    issuer,
    verifier,
    state: `${kind}.${oauth.generateRandomState()}`,
    nonce: oauth.generateRandomNonce(),
    back,
  };
  const url = new URL(server.authorization_endpoint);
  const asked = {
    response_type: "code",
    client_id: issuer.console_client_id,
    redirect_uri: REDIRECT,
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
  return location.pathname === "/console/login" && location.search !== "";
}

/** In a window of its own: hand the answer to the page that waits for it, and close. Whether it was one. */
export function handOver(): boolean {
  if (!new URLSearchParams(location.search).get("state")?.startsWith("window.")) return false;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(location.href);
  channel.close();
  history.replaceState(null, "", "/console/login");
  window.close();
  return true;
}

/** The tokens that the answer in the address stands for, and where to go back to. */
export async function finishLogin(): Promise<[Tokens, string]> {
  const answer = new URL(location.href);
  history.replaceState(null, "", "/console/login"); // no code stays in the address
  const stored = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  if (stored === null) throw new LoginError("This login was not begun in this window, or has been used already.");
  const start = JSON.parse(stored) as Begun;
  return [await redeem(start, answer), start.back];
}

/** Log in in a window of its own, so that this page keeps what was typed into it. */
export async function loginInWindow(issuer: Issuer): Promise<Tokens> {
  // Opened at once, while the click counts; the address follows.
  const opened = window.open("about:blank", "_blank", "popup,width=480,height=680");
  if (opened === null) throw new LoginError("The browser opens no window. Allow it for this page, and try again.");
  const [url, start] = await begun(issuer, "", "window");
  opened.location.assign(url);
  const answer = await new Promise<URL>((resolve, reject) => {
    const channel = new BroadcastChannel(CHANNEL);
    const watch = setInterval(() => {
      if (opened.closed) finish(() => reject(new LoginError("The window was closed before the login was finished.")), 500);
    }, 500);
    const finish = (then: () => void, after = 0): void => {
      clearInterval(watch);
      setTimeout(() => {
        channel.close();
        then();
      }, after);
    };
    channel.onmessage = (message: MessageEvent<string>) => {
      const told = new URL(message.data);
      if (told.searchParams.get("state") === start.state) finish(() => resolve(told));
    };
  });
  return redeem(start, answer);
}

async function redeem(start: Begun, answer: URL): Promise<Tokens> {
  const { issuer } = start;
  const server = await discover(issuer);
  const parameters = await told(
    (async () => oauth.validateAuthResponse(server, client(issuer), answer, start.state))(),
  );
  const response = await told(
    oauth.authorizationCodeGrantRequest(
      server, client(issuer), oauth.None(), parameters, REDIRECT, start.verifier, options(issuer),
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

/** Other tokens for the refresh token; null where the issuer gives none any more. */
export async function refreshed(tokens: Tokens): Promise<Tokens | null> {
  if (tokens.refresh === null) return null;
  const { issuer } = tokens;
  try {
    const server = await discover(issuer);
    const response = await oauth.refreshTokenGrantRequest(
      server, client(issuer), oauth.None(), tokens.refresh, options(issuer),
    );
    const result = await oauth.processRefreshTokenResponse(server, client(issuer), response);
    if (issuer.token === "id_token" && !result.id_token) return null;
    return tokensOf(issuer, result, tokens.refresh);
  } catch {
    return null; // whatever the reason, the person can log in again
  }
}

/** Give the tokens up at the issuer, and where to go so that its session ends, too. */
export async function loggedOut(tokens: Tokens): Promise<string> {
  const { issuer } = tokens;
  try {
    const server = await discover(issuer);
    if (tokens.refresh !== null && server.revocation_endpoint) {
      await oauth.revocationRequest(server, client(issuer), oauth.None(), tokens.refresh, options(issuer));
    }
    if (!server.end_session_endpoint) return "/console/";
    const url = new URL(server.end_session_endpoint);
    url.searchParams.set("client_id", issuer.console_client_id); // in the place of a token, which no address may hold
    url.searchParams.set("post_logout_redirect_uri", `${location.origin}/console/`);
    return url.href;
  } catch {
    return "/console/";
  }
}

function tokensOf(issuer: Issuer, answered: oauth.TokenEndpointResponse, before: string | null): Tokens {
  const bearer = issuer.token === "id_token" ? answered.id_token : answered.access_token;
  if (!bearer) throw new LoginError("The identity provider has given no token.");
  return {
    issuer,
    bearer,
    refresh: answered.refresh_token ?? before,
    endsAt: answered.expires_in ? Date.now() + answered.expires_in * 1000 : null,
  };
}
