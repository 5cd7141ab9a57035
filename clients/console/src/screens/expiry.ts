// When certificates end: the coming year as a picture, month by month, with what is to be done first.

import { html, svg, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";

import { answerOf, api, type Certificate } from "../api/client";
import { ConsoleElement } from "../pieces/element";
import { several } from "../pieces/format";
import { Loaded } from "../pieces/load";
import { address } from "../router";
import { validTo } from "./certificates/cells";

interface Year {
  certificates: Certificate[];
  /** Where to look further; the service tells certificates by their end, so what is not there yet ends later. */
  next: string | null;
}

/** A whole year, whatever day of the month it is. */
const MONTHS = 13;
const PAGE = 200;
/** So much is looked at unasked. */
const PAGES_AT_ONCE = 10;
/** From this stage on, in days, there is hardly time to have a CA answer. */
const URGENT = 7;
/** From this stage on a renewal should have begun. */
const SOON = 30;

@customElement("expiry-screen")
export class ExpiryScreen extends ConsoleElement {
  private readonly year = new Loaded<Year>(this, "what ends in the coming year");
  #end = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private load(): Promise<void> {
    this.#end = end();
    return this.year.load(() => this.look([], null));
  }

  private further({ certificates, next }: Year): Promise<void> {
    return this.year.load(() => this.look(certificates, next));
  }

  /** Some pages from `cursor` on, shown as they come, beside those that were `found` before. */
  private async look(found: readonly Certificate[], cursor: string | null): Promise<Year> {
    let year: Year = { certificates: [...found], next: cursor };
    for (let page = 0; page < PAGES_AT_ONCE; page++) {
      const { items, next_cursor } = await answerOf(
        api.GET("/v1/certificates", {
          params: { query: { sort: "valid_to", expires_before: this.#end, limit: PAGE, ...(year.next ? { cursor: year.next } : {}) } },
        }),
      );
      const more = items.filter((each) => each.renewed_by === null && each.expiry.state !== "expired");
      year = { certificates: [...year.certificates, ...more], next: next_cursor };
      if (next_cursor === null) break;
      this.year.value = year;
      this.requestUpdate();
    }
    return year;
  }

  override render(): TemplateResult {
    return html`<h1>Expiry</h1>${this.year.show((year) => this.renderYear(year), () => this.load())}`;
  }

  private renderRest(year: Year): TemplateResult {
    const last = year.certificates.at(-1);
    return html`<p class="note" role="status">${this.year.busy ? "More are being looked for." : html`There are more${last ? `: the picture is complete until ${last.valid_to.slice(0, 10)}` : ""}.
      <button type="button" @click=${() => this.further(year)}>Look further</button>`}</p>`;
  }

  private renderYear(year: Year): TemplateResult {
    const { certificates } = year;
    const start = new Date();
    const months = Array.from({ length: MONTHS }, (_, at) => {
      const month = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + at, 1));
      const name = month.toISOString().slice(0, 7);
      return { name, certificates: certificates.filter((each) => each.valid_to.startsWith(name)) };
    });
    const most = Math.max(1, ...months.map((each) => each.certificates.length));
    const stages = stagesOf(certificates);
    return html`<p class="quiet">Certificates that have not been renewed, by the month in which they end and the stage of warning that they have reached.</p>
      ${year.next === null ? "" : this.renderRest(year)}
      <ul class="legend">${stages.map(({ kind, words, of }) => html`<li><svg viewBox="0 0 12 12" class="year" aria-hidden="true"><rect class=${kind} width="12" height="12" rx="2" /></svg> ${words}: ${of.length}</li>`)}</ul>
      <svg class="year" viewBox="0 0 780 170" role="img" aria-label=${`Certificates that end in the coming year: ${months.filter((each) => each.certificates.length).map((each) => `${each.name}: ${inWords(each.certificates)}`).join("; ") || "none"}`}>
        ${months.map(({ name, certificates: ends }, at) => bar(name, ends, at * 60 + 8, 120 / most))}
        <line x1="0" x2="780" y1="140" y2="140" />
      </svg>
      ${months.filter((each) => each.certificates.length).map(({ name, certificates: ends }) => html`<h2>${name} <span class="quiet">${several(ends.length, "certificate")}</span></h2>
        <ul class="rows">${ends.slice(0, 20).map((each) => html`<li><a dir="auto" href=${address("certificates", each.id)}>${each.alias}</a><span>${validTo(each)}</span></li>`)}
          ${ends.length > 20 ? html`<li class="quiet">and ${ends.length - 20} more</li>` : ""}</ul>`)}
      ${certificates.length === 0 ? html`<p class="quiet">Nothing ends in the coming year.</p>` : ""}`;
  }
}

/** The first of a month, in a year. */
function end(): string {
  const end = new Date();
  end.setUTCMonth(end.getUTCMonth() + MONTHS, 1);
  end.setUTCHours(0, 0, 0, 0);
  return end.toISOString().replace(/\.\d+/, "");
}

interface Stage {
  /** How it is drawn. */
  kind: string;
  words: string;
  of: Certificate[];
}

/** The certificates by the stage of warning that they have reached, the most urgent first; stages that none has reached are left out. */
function stagesOf(certificates: readonly Certificate[]): Stage[] {
  const reached = [...new Set(certificates.map((each) => each.expiry.flagged_stage))].filter((each) => each !== null).sort((one, other) => one - other);
  const warned = reached.map((stage) => ({
    kind: stage <= URGENT ? "urgent" : stage <= SOON ? "warned" : "early",
    words: `Warned of, ${several(stage, "day")} before`,
    of: certificates.filter((each) => each.expiry.flagged_stage === stage),
  }));
  const others = certificates.filter((each) => each.expiry.flagged_stage === null);
  const soon = { kind: "soon", words: "Expiring, not warned of yet", of: others.filter((each) => each.expiry.state === "expiring") };
  const later = { kind: "later", words: "Later", of: others.filter((each) => each.expiry.state !== "expiring") };
  return [...warned, soon, later].filter((each) => each.of.length > 0);
}

function inWords(ends: readonly Certificate[]): string {
  return stagesOf(ends).map(({ words, of }) => `${of.length} ${words.toLowerCase()}`).join(", ");
}

/** A month's bar, its stages on top of each other, the most urgent at the bottom. */
function bar(name: string, ends: readonly Certificate[], x: number, unit: number): TemplateResult {
  let top = 140;
  const parts = stagesOf(ends).map(({ kind, of }) => {
    top -= of.length * unit;
    return svg`<rect class=${kind} x=${x} y=${top} width="44" height=${of.length * unit} rx="3" />`;
  });
  return svg`${parts}<text x=${x + 22} y=${top - 6}>${ends.length || ""}</text><text x=${x + 22} y="158">${name.slice(2)}</text>`;
}
