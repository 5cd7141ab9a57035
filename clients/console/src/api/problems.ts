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
    super(body.detail ?? body.message ?? `The service has answered ${status}.`);
    this.code = body.code ?? `http_${status}`;
    this.title = body.title ?? "Refused";
    this.requestId = body.request_id ?? null;
    this.certificateId = body.certificate_id ?? null;
    this.fields = body.errors ?? [];
  }

  /** What is wrong with one field of the form; empty where nothing is. */
  about(field: string): string {
    return this.fields.filter((each) => each.field === field).map((each) => each.message).join("; ");
  }
}

/** No answer came, or one that was cut. */
export class OutOfReach extends Error {
  constructor() {
    super("The service does not answer.");
  }
}

/** `error` as something to show; whatever is none of ours is a fault of the console. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
