// What can go wrong with a request, as the screens tell it.

import type { components } from "./schema";

type ProblemBody = components["schemas"]["Problem"];

/** The service has said no: an RFC 9457 problem, or API Gateway's own `{"message"}`. */
export class Problem extends Error {
  readonly code: string;
  readonly title: string;
  readonly requestId: string | null;
  /** Of `certificate_exists`: which one that is, where the caller sees it. */
  readonly certificateId: string | null;
  readonly fields: ReadonlyArray<{ field: string; message: string }>;

  constructor(
    readonly status: number,
    body: Partial<ProblemBody> & { message?: string; certificate_id?: string | null },
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(text(body.detail) ?? text(body.message) ?? `The service has answered ${status}.`);
    this.code = text(body.code) ?? `http_${status}`;
    this.title = text(body.title) ?? "Refused";
    this.requestId = text(body.request_id);
    this.certificateId = text(body.certificate_id);
    this.fields = Array.isArray(body.errors) ? body.errors : [];
  }

  /** What is wrong with one field of the form; empty where nothing is. */
  about(field: string): string {
    return this.fields.filter((each) => each.field === field).map((each) => each.message).join("; ");
  }
}

/** What stands between may answer in the service's place, and in any form. */
function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** No answer came, or one that was cut. */
export class OutOfReach extends Error {
  constructor() {
    super("The service does not answer.");
  }
}

/** The identity provider has said no, or has not said what was to be expected. */
export class LoginError extends Error {
  readonly title: string = "You are not logged in";
}

/** No answer of the identity provider came, or none that this page may read. */
export class ProviderOutOfReach extends LoginError {
  override readonly title = "The identity provider does not answer";

  constructor() {
    super("Nothing was lost. Check the network, and try again.");
  }
}

/** `error` as something to show; whatever is none of ours is a fault of the console. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
