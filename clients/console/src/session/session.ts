// Who is at the screen, and may do what: the tokens, renewed before they end, and what GET /me says.

import { answerOf, api, authorizeBy, type Certificate, type Me } from "../api/client";
import { ProviderOutOfReach } from "../api/problems";
import { type Issuer, leaveForLogin, loggedOut, loginInWindow, refreshed, type Tokens } from "./login";

export type Permission = "certificates:view" | "certificates:import" | "certificates:edit" | "certificates:set_owner" |
  "certificates:delete" | "signing_requests:view" | "signing_requests:create" | "signing_requests:delete" |
  "policies:view" | "policies:create" | "policies:edit" | "policies:delete" |
  "events:view_all" | "events:view_certificates" | "events:view_own";

/** Tells `changed` when somebody logs in or out, or has to log in again. */
class Session extends EventTarget {
  me: Me | null = null;
  /** The login has ended while the page was in use: requests wait until somebody has logged in again. */
  expired = false;
  /** The tokens are being given up; the page is about to be left. */
  ending = false;
  #tokens: Tokens | null = null;
  #renewal: Promise<string | null> | null = null;
  #again: ((token: string | null) => void) | null = null;
  #window: AbortController | null = null;

  constructor() {
    super();
    authorizeBy({ token: () => this.#token(), renew: (token) => this.#renew(token) });
  }

  get issuer(): Issuer | null {
    return this.#tokens?.issuer ?? null;
  }

  /** Begin with `tokens`, which are kept once the service has taken them. */
  async open(tokens: Tokens): Promise<void> {
    this.me = await holderOf(tokens);
    this.#tokens = tokens;
    this.#tell();
  }

  begin(issuer: Issuer, back: string): Promise<void> {
    return leaveForLogin(issuer, back);
  }

  /** Log in again in a window, as the same person; what waits goes on. Begun once more, the window before no longer counts. */
  async again(): Promise<void> {
    if (this.#tokens === null) return;
    this.#window?.abort();
    const mine = new AbortController();
    this.#window = mine;
    const tokens = await loginInWindow(this.#tokens.issuer, mine.signal);
    const me = await holderOf(tokens);
    if (mine.signal.aborted) return;
    if (me.user !== this.me?.user) {
      // Somebody else must not go on with what the one before has typed, and nothing that waits is sent in another name.
      this.#tokens = null;
      location.assign("/console/");
      return;
    }
    this.#tokens = tokens;
    this.me = me;
    this.expired = false;
    this.#again?.(tokens.bearer);
    this.#again = null;
    this.#tell();
  }

  async end(): Promise<void> {
    const tokens = this.#tokens;
    this.#window?.abort();
    this.#tokens = null;
    this.me = null;
    this.expired = false;
    this.ending = true;
    this.#tell();
    location.assign(tokens === null ? "/console/" : await loggedOut(tokens));
  }

  /** Ask again what the caller may: roles have changed. Where that fails, the service refuses what is offered too much. */
  async refresh(): Promise<void> {
    try {
      this.me = await answerOf(api.GET("/v1/me"));
      this.#tell();
    } catch {
      // as before
    }
  }

  may(permission: Permission): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  get isAdministrator(): boolean {
    return this.me?.role?.name === "Administrator";
  }

  /** Whether the caller's role lets do that to `certificate`, as far as can be told from here; the service decides. */
  mayOn(certificate: Pick<Certificate, "groups">, permission: Permission): boolean {
    if (!this.may(permission)) return false;
    const covered = this.me?.certificate_groups;
    if (covered === "all" || covered === undefined) return covered === "all";
    return certificate.groups.some((group) => covered.some((each) => each.group === group.id));
  }

  /** Whether the caller may bring in something new: a role that is for some groups must be able to put it into one of them. */
  mayBringIn(permission: "certificates:import" | "signing_requests:create"): boolean {
    const covered = this.me?.certificate_groups;
    return this.may(permission) && (covered === "all" || (covered ?? []).some((each) => each.rights.includes("add")));
  }

  /** Whether the caller may make policies: they name something, which a role that is for some groups must be able to assign. */
  get mayMakePolicies(): boolean {
    const covered = this.me?.certificate_groups;
    return this.may("policies:create") && (covered === "all" || (covered ?? []).some((each) => each.rights.includes("assign")));
  }

  /** Whether the caller's role has a right on any group at all. */
  mayWithGroups(right: "add" | "remove"): boolean {
    const covered = this.me?.certificate_groups;
    if (covered === undefined || !this.may("certificates:edit")) return false;
    return covered === "all" || covered.some((each) => each.rights.includes(right));
  }

  async #token(): Promise<string | null> {
    const tokens = this.#tokens;
    if (tokens === null) return null;
    const now = Date.now();
    if (!this.expired && (tokens.renewAt === null || now < tokens.renewAt)) return tokens.bearer;
    try {
      return await this.#renew(tokens.bearer);
    } catch (error) {
      if (error instanceof ProviderOutOfReach && tokens.endsAt !== null && now < tokens.endsAt) return tokens.bearer;
      throw error;
    }
  }

  /** One renewal for all requests that wait for it. */
  #renew(token: string): Promise<string | null> {
    if (this.#tokens !== null && this.#tokens.bearer !== token && !this.expired) return Promise.resolve(this.#tokens.bearer);
    this.#renewal ??= this.#another().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #another(): Promise<string | null> {
    if (this.#tokens === null) return null;
    const renewed = await refreshed(this.#tokens);
    if (renewed !== null) {
      this.#tokens = renewed;
      return renewed.bearer;
    }
    this.expired = true;
    this.#tell();
    return new Promise((resolve) => {
      this.#again = resolve;
    });
  }

  #tell(): void {
    this.dispatchEvent(new Event("changed"));
  }
}

/** Whom the service takes the holder of `tokens` for. */
function holderOf(tokens: Tokens): Promise<Me> {
  return answerOf(api.GET("/v1/me", { headers: { Authorization: `Bearer ${tokens.bearer}` } }));
}

export const session = new Session();
