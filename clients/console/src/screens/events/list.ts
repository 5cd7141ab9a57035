// The audit record: who did or was refused what, when, to which certificate.

import { html, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { copyAsCommand } from "../../pieces/command";
import { eventTable } from "../../pieces/events";
import { icon } from "../../pieces/icon";
import { ListScreen } from "../../pieces/list";
import { notify } from "../../pieces/notices";
import { empty } from "../../pieces/states";
import { change, pager, type View, viewOf } from "../../pieces/view";
import { query } from "../../router";
import { save } from "../certificates/actions";

type Page = Schemas["EventPage"];

const TYPES: readonly Schemas["EventType"][] = [
  "Certificate Used", "Certificate Use Refused", "Certificate Imported", "Certificate Updated", "Certificate Enabled",
  "Certificate Disabled", "Certificate Deleted", "Certificate Renewed", "Certificate Expiring", "Certificate Expired",
  "Signing Request Created", "Signing Request Completed", "Signing Request Cancelled", "Policy Created", "Policy Updated",
  "Policy Deleted", "Role Created", "Role Updated", "Role Deleted", "Certificate Group Created",
  "Certificate Group Updated", "Certificate Group Deleted", "Calendar Link Created", "Calendar Link Revoked",
];

@customElement("events-screen")
export class EventsScreen extends ListScreen<Page> {
  constructor() {
    super("events");
  }

  protected ask(view: View): Promise<Page> {
    return answerOf(api.GET("/v1/events", { params: { query: { ...(view as object), limit: 50 } } }));
  }

  override render(): TemplateResult {
    const view = viewOf();
    const { cursor: _, ...filters } = view;
    const text = (name: string, label: string, hint: string): TemplateResult => html`<label class="filter">${label}
      <input type="text" placeholder=${hint} .value=${view[name] ?? ""} @change=${(event: Event) => change({ [name]: (event.target as HTMLInputElement).value.trim() || null })} /></label>`;
    const date = (name: string, label: string): TemplateResult => html`<label class="filter">${label}
      <input type="date" .value=${(view[name] ?? "").slice(0, 10)} @change=${(event: Event) => {
        const { value } = event.target as HTMLInputElement;
        change({ [name]: value ? `${value}T${name === "to" ? "23:59:59" : "00:00:00"}Z` : null });
      }} /></label>`;
    return html`<div class="title-row"><h1>Events</h1><span class="spacer"></span>
        <button type="button" @click=${() => this.spreadsheet(filters)}>${icon("download")} CSV</button></div>
      <search class="filters">
        <label class="filter">What<select @change=${(event: Event) => change({ type: (event.target as HTMLSelectElement).value || null })}>
          <option value="">anything</option>${TYPES.map((each) => html`<option value=${each} .selected=${each === view.type}>${each}</option>`)}</select></label>
        <label class="filter">Outcome<select @change=${(event: Event) => change({ outcome: (event.target as HTMLSelectElement).value || null })}>
          <option value="">any</option>${["done", "refused"].map((each) => html`<option value=${each} .selected=${each === view.outcome}>${each}</option>`)}</select></label>
        ${text("user", "Who", "corp/alice")} ${text("certificate", "Certificate", "Name or id")} ${date("from", "From (UTC)")} ${date("to", "To (UTC)")}
      </search>
      ${this.page.show((page) => page.items.length === 0 && page.next_cursor === null
        ? empty("No event fits", "Nothing that you may see has happened like that.")
        : html`${eventTable(page.items)} ${pager(page.next_cursor, page.items.length)}`, () => this.load())}
      ${copyAsCommand({ signet: ["events", ...Object.entries(filters).flatMap(([name, value]) => [`--${name}`, value])], method: "GET", path: `/v1/events${query(filters)}` })}`;
  }

  /** This page and all that follow, as the service writes them. */
  private async spreadsheet(filters: View): Promise<void> {
    const parts: Blob[] = [];
    let cursor: string | null = null;
    try {
      do {
        const [page, next] = await csvPage(filters, cursor);
        // Each page has its head; one is enough.
        parts.push(cursor === null ? page : new Blob([(await page.text()).replace(/^[^\n]*\n/, "")]));
        cursor = next;
      } while (cursor !== null && parts.length < 50);
      save(new Blob(parts, { type: "text/csv" }), "events.csv");
      if (cursor !== null) notify("The first 10,000 events are in the file; choose a span of time for the others.");
    } catch (error) {
      notify(asError(error).message);
    }
  }
}

/** One page as a spreadsheet, and the cursor of the next. */
async function csvPage(filters: View, cursor: string | null): Promise<[Blob, string | null]> {
  const asked = api.GET("/v1/events", {
    params: { query: { ...(filters as object), limit: 200, ...(cursor ? { cursor } : {}) } },
    headers: { Accept: "text/csv" },
    parseAs: "blob",
  });
  const { response } = await asked;
  return [(await answerOf(asked)) as unknown as Blob, response.headers.get("X-Next-Cursor")];
}
