// The state of a list's view is its address: filters, sort and page. Changing it is going there, so that the back button
// undoes it, a reload keeps it and a colleague can be sent it.

import { html, type TemplateResult } from "lit";

import { go, query } from "../router";

export type View = Record<string, string>;

export function viewOf(): View {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** Go to the same list with `changes`; what is empty is left out, and the page is the first again. */
export function change(changes: Record<string, string | null>): void {
  const { cursor: _, ...kept } = viewOf();
  go(location.pathname + query({ ...kept, ...changes }));
}

function trail(): string[] {
  return Array.isArray(history.state?.trail) ? history.state.trail : [];
}

function toPage(cursor: string, before: string[]): void {
  go(location.pathname + query({ ...viewOf(), cursor }), { state: { trail: before } });
}

/** Previous and next page. `next` is the list's `next_cursor`, `shown` how many it shows, or words for it. */
export function pager(next: string | null, shown: number | TemplateResult): TemplateResult {
  const before = trail();
  const cursor = viewOf().cursor ?? "";
  return html`<nav class="pager" aria-label="Pages">
    <span class="quiet">${typeof shown === "number" ? `${shown} on this page` : shown}</span>
    <button type="button" ?disabled=${!before.length && cursor === ""} @click=${() => toPage(before.at(-1) ?? "", before.slice(0, -1))}>Previous</button>
    <button type="button" ?disabled=${next === null} @click=${() => toPage(next ?? "", [...before, cursor])}>Next</button>
  </nav>`;
}

/** A column's header that sorts by `key`: `aria-sort` tells how. */
export function sortable(label: string, key: string, fallback: { sort: string; order: string }): TemplateResult {
  const view = viewOf();
  const [sort, order] = [view.sort ?? fallback.sort, view.order ?? (view.sort ? "asc" : fallback.order)];
  const active = sort === key;
  const next = active && order === "asc" ? "desc" : "asc";
  return html`<th scope="col" aria-sort=${active ? (order === "asc" ? "ascending" : "descending") : "none"}>
    <button type="button" class="sort" @click=${() => change({ sort: key, order: next })}>${label}<span aria-hidden="true">${active ? (order === "asc" ? " ▲" : " ▼") : ""}</span></button>
  </th>`;
}

/** Calls `then` once nobody has typed for a moment. */
export function calmly(then: () => void): () => void {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(then, 300);
  };
}
