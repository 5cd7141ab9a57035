// Sends a request as often as is safe: a service that is busy for a moment, or an answer that gets lost, is nothing that a
// person has to hear of.

import { OutOfReach } from "./problems";

/** API Gateway answers after 30 s at the latest. */
const ANSWER_MILLISECONDS = 60_000;
const REPEATS = 2;
/** Who would have to wait longer is told instead. */
const LONGEST_PAUSE_SECONDS = 5;
const PASSING = [429, 502, 503, 504];

const KEY = "Idempotency-Key";
/** How long the key of an order with an unknown outcome is kept. Later, the same order is likelier to be meant once more. */
const UNKNOWN_MILLISECONDS = 120_000;

/** The keys of orders of which no answer says whether they were carried out, by a digest of the order. */
const unknown = new Map<string, { key: string; until: number }>();

export async function patiently(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  if (!request.headers.has(KEY)) return repeated(request);
  const order = await digestOf(request);
  const kept = unknown.get(order);
  if (kept !== undefined && kept.until > Date.now()) request.headers.set(KEY, kept.key);
  // Whoever orders the same once more, because nothing was answered, has it once.
  unknown.set(order, { key: request.headers.get(KEY)!, until: Date.now() + UNKNOWN_MILLISECONDS });
  const response = await repeated(request);
  if (response.status < 500) unknown.delete(order);
  return response;
}

async function repeated(request: Request): Promise<Response> {
  for (let left = isRepeatable(request) ? REPEATS : 0; ; left--) {
    try {
      const response = await attempt(request.clone());
      const seconds = Number(response.headers.get("Retry-After") ?? 1);
      if (left === 0 || !PASSING.includes(response.status) || !(seconds <= LONGEST_PAUSE_SECONDS)) return response;
      await pause(seconds);
    } catch (error) {
      if (left === 0 || !(error instanceof OutOfReach) || !navigator.onLine) throw error;
      await pause(0.5);
    }
  }
}

/** What changes nothing, or is done once however often it is sent. */
function isRepeatable(request: Request): boolean {
  return request.method === "GET" || request.headers.has(KEY);
}

async function attempt(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_MILLISECONDS)]) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new OutOfReach();
  }
}

async function digestOf(request: Request): Promise<string> {
  const order = new TextEncoder().encode(`${request.method} ${request.url}\n${await request.clone().text()}`);
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", order))].map((each) => each.toString(16).padStart(2, "0")).join("");
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
