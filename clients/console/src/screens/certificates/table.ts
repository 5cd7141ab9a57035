// The table of certificates: pages, sorts and filters at the server; rows with menus, and one bar for many.

import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import "./bulk";

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";

import { answerOf, api, type Certificate, type CertificateGroup, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { allGroups } from "../../pieces/choices";
import { ConsoleElement } from "../../pieces/element";
import { count, moment, several } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";
import { notify } from "../../pieces/notices";
import { empty } from "../../pieces/states";
import { calmly, change, pager, sortable, type View, viewOf } from "../../pieces/view";
import { address, query } from "../../router";
import { session } from "../../session/session";
import { quickActions, tellCommands } from "./actions";
import { BULK_TITLES, type BulkAction } from "./bulk";
import { mentions, statusParts, validTo } from "./cells";

const PAGE = 50;
/** Filters that an address may have and that have no field. */
const OTHER_FILTERS: Record<string, string> = {
  q: "Name begins with", expires_before: "Ends before", thumbprint: "Thumbprint", serial_number: "Serial number", subject: "Subject", issuer: "Issuer",
};
const DEFAULT_SORT = { sort: "alias", order: "asc" } as const;

/** What `view` asks for, whatever the page and the order. */
function filtersOf({ cursor: _cursor, sort: _sort, order: _order, ...filters }: View): string {
  return query(filters);
}

/** Whether there is anything that the caller may do with it among others. */
function mayTick(certificate: Certificate): boolean {
  return session.mayOn(certificate, "certificates:edit") || session.mayOn(certificate, "certificates:delete");
}

@customElement("certificates-screen")
export class CertificatesScreen extends ConsoleElement {
  private readonly page = new Loaded<Schemas["CertificatePage"]>(this, "certificates");
  @state() private selected = new Map<string, Certificate>();
  @state() private groups: readonly CertificateGroup[] = [];
  /** How many there are in all, and what was asked for. */
  @state() private total: { of: string; is: string } | null = null;
  @state() private counting = false;
  @state() private bulk: BulkAction | null = null;
  #address = "";

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("popstate", this.follow);
    void this.load();
    void this.loadGroups();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.follow);
  }

  private follow = (): void => {
    if (this.#address !== location.search) void this.load();
  };

  private async loadGroups(): Promise<void> {
    try {
      this.groups = await allGroups();
    } catch {
      this.groups = []; // the filter by group is left out; the table tells what is wrong with the service
    }
  }

  private load(): Promise<void> {
    this.#address = location.search;
    const asked = viewOf();
    return this.page.load(() =>
      answerOf(api.GET("/v1/certificates", { params: { query: { ...DEFAULT_SORT, ...(asked as object), limit: PAGE } } })),
    );
  }

  /** The service reads all that fits to count it, so only where somebody wants to know. */
  private async count(): Promise<void> {
    const { cursor: _, ...asked } = viewOf();
    this.counting = true;
    try {
      const { total = 0, total_is_at_least: isMore } = await answerOf(
        api.GET("/v1/certificates", { params: { query: { ...DEFAULT_SORT, ...(asked as object), limit: 1, count: "true" } } }),
      );
      this.total = { of: filtersOf(asked), is: `${count(total)}${isMore ? " or more" : ""}` };
    } catch (error) {
      notify(asError(error).message);
    }
    this.counting = false;
  }

  private renderTotal(page: Schemas["CertificatePage"], view: View): TemplateResult {
    const shown = page.items.length;
    if (this.total?.of === filtersOf(view)) return html`${shown} of ${this.total.is}`;
    if (page.next_cursor === null && !view.cursor) return html`${several(shown, "certificate")}`;
    return html`${shown} on this page <button type="button" ?disabled=${this.counting} @click=${this.count}>${this.counting ? "Counting …" : "Count all"}</button>`;
  }

  override render(): TemplateResult {
    const view = viewOf();
    return html`<div class="title-row"><h1>Certificates</h1>
        <span class="spacer"></span>
        ${session.mayBringIn("signing_requests:create") ? html`<a class="button" href=${address("requests", "new")}>${icon("request")} Generate CSR</a>` : nothing}
        ${session.mayBringIn("certificates:import") ? html`<a class="button brand" href=${address("certificates", "import")}>${icon("import")} Import</a>` : nothing}
      </div>
      ${this.renderFilters(view)}
      ${this.page.show((page) => this.renderPage(page, view), () => this.load())}
      ${this.bulk === null
        ? nothing
        : html`<bulk-dialog .action=${this.bulk} .certificates=${[...this.selected.values()]} @finished=${this.bulkFinished}></bulk-dialog>`}`;
  }

  private renderFilters(view: View): TemplateResult {
    const search = calmly(() => change({ contains: this.querySelector<HTMLInputElement>("#search")!.value.trim() || null }));
    // An address may name what is not offered here: another owner, say.
    const known = (name: string, values: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] => {
      const asked = view[name];
      return !asked || values.some(([value]) => value === asked) ? values : [...values, [asked, asked]];
    };
    const choice = (name: string, label: string, values: readonly (readonly [string, string])[]): TemplateResult => html`<label class="filter">${label}
      <select @change=${(event: Event) => change({ [name]: (event.target as HTMLSelectElement).value || null })}>
        <option value="" .selected=${!view[name]}>any</option>
        ${known(name, values).map(([value, text]) => html`<option value=${value} .selected=${view[name] === value}>${text}</option>`)}
      </select></label>`;
    return html`<search class="filters">
      <label class="filter wide">Search
        <input id="search" type="search" placeholder="Name, subject or issuer" maxlength="128" .value=${view.contains ?? ""} @input=${search} />
      </label>
      ${choice("status", "Status", [["enabled", "Enabled"], ["disabled", "Disabled"]])}
      ${choice("expiry", "Expiry", [["valid", "Valid"], ["expiring", "Expiring"], ["expired", "Expired"], ["not_yet_valid", "Not yet valid"]])}
      ${choice("group", "Group", this.groups.map((group) => [group.id, group.name] as const))}
      ${choice("owner", "Owner", [[session.me!.user, "Me"], ["none", "Nobody"]])}
      ${choice("renewal", "Renewal", [["pending", "Pending"]])}
      ${choice("usable", "For me to use", [["true", "Yes"]])}
      ${Object.keys(view).filter((name) => name in OTHER_FILTERS).map((name) => html`<span class="filter">${OTHER_FILTERS[name]}
        <button type="button" aria-label=${`Without ${OTHER_FILTERS[name]}: ${view[name]}`} @click=${() => change({ [name]: null })}><span dir="auto">${view[name]}</span> ✕</button></span>`)}
    </search>`;
  }

  private renderPage(page: Schemas["CertificatePage"], view: View): TemplateResult {
    const filtered = filtersOf(view) !== "";
    if (page.items.length === 0 && page.next_cursor === null) {
      if (filtered) {
        return empty("No certificate fits", "Nothing that you may see has all of these properties.", html`<button type="button" @click=${() => change(Object.fromEntries(Object.keys(view).map((name) => [name, null])))}>Clear the filters</button>`);
      }
      return session.mayBringIn("certificates:import")
        ? empty("No certificates yet", "Import your first certificate, with or without its private key.", html`<a class="button brand" href=${address("certificates", "import")}>Import a certificate</a>`)
        : empty("No certificates", "You see the certificates that you own, that a policy lets you use, or that your role covers. There is none.");
    }
    const open = page.items.filter(mayTick);
    const all = open.length > 0 && open.every((each) => this.selected.has(each.id));
    const some = open.some((each) => this.selected.has(each.id));
    return html`
      ${this.selected.size > 0 ? this.renderBar() : nothing}
      <div class="table" tabindex="0" role="region" aria-label="Certificates" aria-busy=${this.page.busy}>
        <table>
          <thead><tr>
            ${this.maySelect ? html`<th scope="col" class="tick"><input type="checkbox" aria-label="Select all on this page" .checked=${all} .indeterminate=${some && !all} ?disabled=${open.length === 0} @change=${() => this.selectAll(open, !all)} /></th>` : nothing}
            ${sortable("Name", "alias", DEFAULT_SORT)}
            <th scope="col">Status</th>
            <th scope="col" class="number">Usage Count</th>
            <th scope="col">Last Use</th>
            <th scope="col">Groups</th>
            <th scope="col">Policies</th>
            ${sortable("Valid To", "valid_to", DEFAULT_SORT)}
            <th scope="col"><span class="hidden">Actions</span></th>
          </tr></thead>
          <tbody>${repeat(page.items, (each) => each.id, (each) => this.renderRow(each))}</tbody>
        </table>
      </div>
      ${page.items.length === 0 ? html`<p class="quiet">None of these fits; there may be more on the next page.</p>` : nothing}
      ${pager(page.next_cursor, this.renderTotal(page, view))}`;
  }

  private get maySelect(): boolean {
    return session.may("certificates:edit") || session.may("certificates:delete");
  }

  private renderRow(certificate: Certificate): TemplateResult {
    const { id, alias } = certificate;
    return html`<tr class=${this.selected.has(id) ? "selected" : ""}>
      ${this.maySelect ? html`<td class="tick">${mayTick(certificate) ? html`<input type="checkbox" aria-label=${`Select ${alias}`} .checked=${this.selected.has(id)} @change=${() => this.selectAll([certificate], !this.selected.has(id))} />` : nothing}</td>` : nothing}
      <th scope="row"><a class="alias" dir="auto" href=${address("certificates", id)}>${alias}</a>
        ${certificate.pending_request ? html`<span class="badge info">Renewal pending</span>` : nothing}</th>
      <td>${statusParts(certificate)}</td>
      <td class="number">${count(certificate.usage_count)}</td>
      <td class="moment">${moment(certificate.last_used_at)}</td>
      <td>${mentions(certificate.groups, "groups")}</td>
      <td>${mentions(certificate.policies, "policies")}</td>
      <td class="moment">${validTo(certificate)}</td>
      <td>${this.renderMenu(certificate)}</td>
    </tr>`;
  }

  private renderMenu(certificate: Certificate): TemplateResult {
    const actions = quickActions(certificate);
    return html`<wa-dropdown placement="bottom-end" @wa-select=${(event: CustomEvent<{ item: { value: string } }>) => {
      const action = actions.find((each) => each.name === event.detail.item.value);
      if (action) void this.act(action.act);
      else tellCommands(certificate, actions);
    }}>
      <button slot="trigger" type="button" class="icon-button" aria-label=${`Actions for ${certificate.alias}`}>${icon("more")}</button>
      ${actions.map((each) => html`<wa-dropdown-item value=${each.name} variant=${each.dangerous ? "danger" : "default"}>${icon(each.icon)} ${each.label}</wa-dropdown-item>`)}
      <wa-dropdown-item value="commands">${icon("command")} Copy as command</wa-dropdown-item>
    </wa-dropdown>`;
  }

  private async act(action: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await action())) return;
      this.total = null;
      await this.load();
    } catch (error) {
      notify(asError(error).message);
      await this.load();
    }
  }

  private renderBar(): TemplateResult {
    const names: BulkAction[] = [];
    if (session.mayWithGroups("add")) names.push("add_to_groups");
    if (session.mayWithGroups("remove")) names.push("remove_from_groups");
    const selected = [...this.selected.values()];
    if (selected.some((each) => session.mayOn(each, "certificates:edit"))) names.push("enable", "disable");
    if (selected.some((each) => session.mayOn(each, "certificates:delete"))) names.push("delete");
    return html`<div class="bar" role="toolbar" aria-label="Actions for the selected certificates">
      <span role="status">${several(this.selected.size, "certificate")} selected</span>
      ${names.map((name) => html`<button type="button" class=${name === "delete" ? "wa-danger" : ""} @click=${() => (this.bulk = name)}>${BULK_TITLES[name]}</button>`)}
      <button type="button" class="wa-plain" @click=${() => (this.selected = new Map())}>Clear</button>
    </div>`;
  }

  private selectAll(certificates: readonly Certificate[], on: boolean): void {
    const selected = new Map(this.selected);
    for (const each of certificates) {
      if (on && selected.size < 500) selected.set(each.id, each);
      if (!on) selected.delete(each.id);
    }
    this.selected = selected;
  }

  private bulkFinished(event: CustomEvent<boolean>): void {
    this.bulk = null;
    if (event.detail) {
      this.total = null;
      this.selected = new Map();
      void this.load();
    }
  }
}

