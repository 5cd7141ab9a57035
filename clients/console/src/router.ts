// The address is the state of the view: a screen reads it, changes it, and the back button undoes the change.

import type { TemplateResult } from "lit";

export const BASE = "/console";

/** One screen: where it lies, what it is called, how its code is fetched and what is shown. */
export interface Screen {
  /** Below `/console`, with `:name` for a segment. */
  path: string;
  title: string;
  /** Its place in the navigation; none where it is reached from another screen. */
  navigation?: { label: string; icon: string; shown?: () => boolean };
  /** Fetches the module that defines its element, the first time it is shown. */
  load: () => Promise<unknown>;
  render: (parameters: Record<string, string>) => TemplateResult;
}

export interface Found {
  screen: Screen;
  parameters: Record<string, string>;
}

export function find(screens: readonly Screen[], path: string): Found | null {
  const given = path.slice(BASE.length).split("/").filter((part) => part !== "");
  for (const screen of screens) {
    const expected = screen.path.split("/").filter((part) => part !== "");
    if (expected.length !== given.length) continue;
    const parameters: Record<string, string> = {};
    const fits = expected.every((part, at) => {
      const text = decoded(given[at] ?? "");
      if (!part.startsWith(":")) return part === text;
      parameters[part.slice(1)] = text;
      return true;
    });
    if (fits) return { screen, parameters };
  }
  return null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** An address below `/console`; each part is encoded: `address("certificates", alias)`. */
export function address(...parts: string[]): string {
  return [BASE, ...parts.map(encodeURIComponent)].join("/");
}

/** What follows the question mark, without what is empty. */
export function query(values: Record<string, string | undefined | null>): string {
  const kept = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return kept.length ? `?${new URLSearchParams(kept)}` : "";
}

/** How far down each address was when it was left, so that going back leads to the same place. */
const places = new Map<string, number>();

export function go(to: string, { replace = false, state = null as unknown } = {}): void {
  places.set(location.pathname + location.search, window.scrollY);
  if (replace) history.replaceState(state, "", to);
  else history.pushState(state, "", to);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Where to scroll to at the present address: the browser's own going back and forth makes trusted events. */
export function placeAfter(event: PopStateEvent): number {
  return event.isTrusted ? (places.get(location.pathname + location.search) ?? 0) : 0;
}

/** Scroll there as soon as the page is long enough, unless it is left before. */
export async function scrollToPlace(place: number): Promise<void> {
  const here = location.href;
  const until = Date.now() + 5_000;
  while (document.documentElement.scrollHeight - window.innerHeight < place && Date.now() < until && location.href === here) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (location.href === here) window.scrollTo(0, place);
}

/** Follows links inside the console without fetching the page again. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/** The certificates of a group. */
export function ofGroup(id: string): string {
  return address("certificates") + query({ group: id });
}
