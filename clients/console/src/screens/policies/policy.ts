// One policy: its four parts in words and as a week, and a form to change them or to make a new one.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type CertificateGroup, ifUnchanged, once, type Policy, type Schemas } from "../../api/client";
import { asError } from "../../api/problems";
import { changesOf } from "../../pieces/changes";
import { allGroups } from "../../pieces/choices";
import { type Command, copyAsCommand } from "../../pieces/command";
import { conflict } from "../../pieces/conflict";
import { ask } from "../../pieces/dialogs";
import { EditingScreen } from "../../pieces/editing";
import { choiceField, linesField, textField, tick, ticks } from "../../pieces/fields";
import { moment } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";
import { notify } from "../../pieces/notices";
import { DAYS, week, whereInWords, whoInWords, windowInWords } from "../../pieces/policy_words";
import { empty, loading, refusal } from "../../pieces/states";
import { viewOf } from "../../pieces/view";
import { address, go, query } from "../../router";
import { session } from "../../session/session";
import { isMeant } from "./opening";

type Draft = Pick<Policy, "name" | "description" | "enabled" | "action" | "priority" | "what" | "who" | "where" | "when">;

const NEW: Draft = {
  name: "", description: "", enabled: true, action: "allow", priority: 100,
  what: { certificates: [], groups: [] }, who: { users: [], user_groups: [] },
  where: { processes: [], command_lines: [], source_networks: [] }, when: [],
};

const LABELS: Record<keyof Draft, string> = {
  name: "Name", description: "Description", enabled: "Enabled", action: "Action", priority: "Priority", what: "What", who: "Who", where: "Where", when: "When",
};

@customElement("policy-screen")
export class PolicyScreen extends EditingScreen<Policy, Draft> {
  /** Empty for a new one. */
  @property({ attribute: false }) identifier = "";
  private readonly policy = new Loaded<Policy>(this, "the policy", "Policy");
  @state() private groups: readonly CertificateGroup[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    allGroups().then((groups) => (this.groups = groups), () => undefined);
    if (this.identifier === "") void this.begin(viewOf().copy);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("identifier") || this.identifier === "") return;
    this.reset(); // what was typed belongs to what was shown before
    this.policy.value = null;
    void this.load();
  }

  private load(): Promise<void> {
    return this.policy.load(() => this.fetch(this.identifier));
  }

  private fetch(id: string): Promise<Policy> {
    return answerOf(api.GET("/v1/policies/{id}", { params: { path: { id } } }));
  }

  /** A new one, empty or as the policy `copied` is. */
  private async begin(copied: string | undefined): Promise<void> {
    try {
      if (copied) {
        const { name, ...rest } = draftOf(await this.fetch(copied));
        this.draft = { name: `Copy of ${name}`.slice(0, 128), ...rest };
        return;
      }
    } catch (error) {
      this.error = asError(error);
    }
    this.draft = NEW;
  }

  override render(): TemplateResult {
    const crumbs = html`<p class="crumbs"><a href=${address("policies")}>Policies</a></p>`;
    if (this.identifier === "") {
      if (!session.mayMakePolicies) return html`<h1>New policy</h1>${empty("Not for you", "Your role does not let you make policies.")}`;
      return html`${crumbs}<h1>New policy</h1>${this.draft ? this.renderForm(this.draft, null) : loading("the policy")}`;
    }
    return html`${crumbs}${this.policy.show((policy) => this.renderPolicy(policy), () => this.load())}`;
  }

  private renderPolicy(policy: Policy): TemplateResult {
    if (this.draft) return html`<h1 dir="auto">${policy.name}</h1>${this.renderForm(this.draft, policy)}`;
    const names = new Map(this.groups.map((each) => [each.id, each.name]));
    return html`<div class="title-row"><h1 dir="auto">${policy.name}</h1><span class=${`badge ${policy.action === "allow" ? "good" : "bad"}`}>${policy.action}</span>
        ${policy.enabled ? nothing : html`<span class="badge off">Disabled</span>`}<span class="spacer"></span>
        ${session.may("policies:edit") ? html`<button type="button" @click=${() => (this.draft = draftOf(policy))}>Edit</button>` : nothing}
        ${session.mayMakePolicies ? html`<a class="button" href=${address("policies", "new") + query({ copy: policy.id })}>${icon("copy")} Copy</a>` : nothing}
        ${session.may("policies:delete") ? html`<button type="button" class="wa-danger" @click=${() => this.erase(policy)}>${icon("delete")} Delete</button>` : nothing}</div>
      <dl class="facts wide">
        <dt>Description</dt><dd dir="auto">${policy.description || html`<span class="quiet">none</span>`}</dd>
        <dt>Priority</dt><dd>${policy.priority} <span class="quiet">0 is asked first</span></dd>
        <dt>What</dt><dd>${policy.what.certificates.length ? html`<ul class="plain">${policy.what.certificates.map((each) => html`<li><a href=${address("certificates", each)}><code>${each}</code></a></li>`)}</ul>` : nothing}
          ${policy.what.groups.length ? html`all in ${policy.what.groups.map((each) => names.get(each) ?? each).join(", ")}` : nothing}</dd>
        <dt>Who</dt><dd dir="auto">${whoInWords(policy.who)}</dd>
        <dt>Where</dt><dd dir="auto">${whereInWords(policy.where)}</dd>
        <dt>When</dt><dd>${policy.when.length ? html`<ul class="plain">${policy.when.map((each) => html`<li>${windowInWords(each)}</li>`)}</ul>` : "at any time"}${week(policy.when)}</dd>
        <dt>Changed</dt><dd>${moment(policy.updated_at)}, version ${policy.version}</dd>
      </dl>`;
  }

  private renderForm(draft: Draft, before: Policy | null): TemplateResult {
    const set = (change: Partial<Draft>): void => {
      this.draft = { ...draft, ...change };
    };
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.save(draft, before, before);
    };
    return html`<form class="wizard" @submit=${submit}>
      ${textField({ name: "name", label: "Name", required: true, most: 128, value: draft.name, error: this.error, change: (name) => set({ name }) })}
      ${textField({ name: "description", label: "Description", value: draft.description, error: this.error, change: (description) => set({ description }) })}
      <div class="pair">${choiceField({ name: "action", label: "Action", value: draft.action, values: [["allow", "Allow"], ["deny", "Deny"]], change: (action) => set({ action: action as "allow" }) })}
        ${textField({ name: "priority", label: "Priority", type: "number", value: String(draft.priority), hint: "0 is asked first", error: this.error, change: (value) => set({ priority: Number(value) }) })}</div>
      ${tick("Enabled", draft.enabled, (enabled) => set({ enabled }))}
      <fieldset><legend>What</legend>
        ${linesField({ name: "what.certificates", label: "Certificates, by name or id", value: draft.what.certificates, error: this.error, change: (certificates) => set({ what: { ...draft.what, certificates } }) })}
        ${ticks("All in these groups", this.groups.map((each) => [each.id, each.name] as const), draft.what.groups, (groups) => set({ what: { ...draft.what, groups } }))}</fieldset>
      <fieldset><legend>Who</legend>
        ${linesField({ name: "who.users", label: "Users", hint: "Such as corp/alice, one a line", value: draft.who.users, error: this.error, change: (users) => set({ who: { ...draft.who, users } }) })}
        ${linesField({ name: "who.user_groups", label: "User groups", hint: "Such as corp/release, one a line", value: draft.who.user_groups, error: this.error, change: (user_groups) => set({ who: { ...draft.who, user_groups } }) })}</fieldset>
      <fieldset><legend>Where</legend>
        ${linesField({ name: "where.processes", label: "Programs", hint: "Without .exe; * stands for anything. It is what the caller states.", value: draft.where.processes, error: this.error, change: (processes) => set({ where: { ...draft.where, processes } }) })}
        ${linesField({ name: "where.command_lines", label: "Command lines", hint: "Regular expressions, one a line", value: draft.where.command_lines, error: this.error, change: (command_lines) => set({ where: { ...draft.where, command_lines } }) })}
        ${linesField({ name: "where.source_networks", label: "Networks", hint: "Such as 203.0.113.0/24", value: draft.where.source_networks, error: this.error, change: (source_networks) => set({ where: { ...draft.where, source_networks } }) })}</fieldset>
      <fieldset><legend>When</legend>${draft.when.map((each, at) => this.renderWindow(each, (changed) => set({ when: draft.when.flatMap((one, index) => (index !== at ? [one] : changed ? [changed] : [])) })))}
        <button type="button" @click=${() => set({ when: [...draft.when, { days: ["mon", "tue", "wed", "thu", "fri"], start_time: "08:00", end_time: "18:00", start_date: null, end_date: null, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" }] })}>Add a time</button>
        ${week(draft.when)}</fieldset>
      ${this.theirs && before ? this.renderConflict(draft, before, this.theirs) : refusal(this.error)}
      <div class="buttons"><button type="submit" class="wa-brand" ?disabled=${this.busy}>Save</button>
        <button type="button" class="wa-plain" @click=${() => (before ? this.reset() : go(address("policies")))}>Cancel</button></div>
      ${copyAsCommand(commandOf(draft, before))}
    </form>`;
  }

  private renderWindow(window: Schemas["WindowAnswer"], change: (changed: Schemas["WindowAnswer"] | null) => void): TemplateResult {
    const field = (name: "start_time" | "end_time" | "start_date" | "end_date", label: string, type: "time" | "date"): TemplateResult =>
      textField({ name, label, type, value: window[name] ?? "", change: (value) => change({ ...window, [name]: value || null }) });
    return html`<div class="card">${ticks("Days", DAYS, window.days, (days) => change({ ...window, days }))}
      <div class="pair">${field("start_time", "From", "time")} ${field("end_time", "To", "time")} ${field("start_date", "First day", "date")} ${field("end_date", "Last day", "date")}
        ${textField({ name: "time_zone", label: "Time zone", value: window.time_zone, hint: "Such as Europe/Madrid", change: (time_zone) => change({ ...window, time_zone }) })}</div>
      <button type="button" @click=${() => change(null)}>Take this time away</button></div>`;
  }

  private renderConflict(draft: Draft, before: Policy, theirs: Policy): TemplateResult {
    const names = Object.keys(changesOf(draft, draftOf(before))) as (keyof Draft)[];
    return conflict({
      before,
      theirs,
      settings: names.map((name) => [LABELS[name], this.inWords(draft, name), this.inWords(theirs, name)]),
      overwrite: () => this.save(draft, before, theirs),
      take: () => {
        this.reset();
        this.policy.value = theirs;
      },
    });
  }

  private inWords(draft: Draft, name: keyof Draft): string {
    switch (name) {
      case "what":
        return [...draft.what.certificates, ...draft.what.groups.map((id) => this.nameOf(id))].join(", ") || "nothing";
      case "who":
        return whoInWords(draft.who) || "nobody";
      case "where":
        return whereInWords(draft.where);
      case "when":
        return draft.when.map(windowInWords).join("; ") || "at any time";
      case "enabled":
        return draft.enabled ? "yes" : "no";
      default:
        return String(draft[name]);
    }
  }

  private nameOf(group: string): string {
    return this.groups.find((each) => each.id === group)?.name ?? group;
  }

  /** Make it, or change `before`, which is as `now` meanwhile. */
  private save(draft: Draft, before: Policy | null, now: Policy | null): Promise<void> {
    return this.send(async () => {
      if (before && now) {
        const body = changesOf(draft, draftOf(before));
        if (!(await isMeant(now, { ...now, ...body }, (id) => this.nameOf(id)))) return;
        this.policy.value = await answerOf(api.PATCH("/v1/policies/{id}", { params: { path: { id: before.id }, header: ifUnchanged(now.version) }, body }));
        this.reset();
      } else {
        const made = await answerOf(api.POST("/v1/policies", { params: { header: once() }, body: draft }));
        go(address("policies", made.id), { replace: true });
      }
      notify(`${draft.name} is saved`);
    }, () => this.fetch(this.identifier));
  }

  private async erase(policy: Policy): Promise<void> {
    const done = await ask({
      title: `Delete ${policy.name}?`,
      content: () => html`<p>${policy.action === "allow" ? "Whom it alone lets sign can sign no more." : "What it alone refuses may be allowed by the policies that come after it."}</p>
        ${copyAsCommand({ signet: ["policies", "delete"], names: [policy.name], method: "DELETE", path: `/v1/policies/${policy.id}` })}`,
      confirm: "Delete",
      dangerous: true,
      act: async () => {
        await answerOf(api.DELETE("/v1/policies/{id}", { params: { path: { id: policy.id }, header: ifUnchanged(policy.version) } }));
      },
    });
    if (done) go(address("policies"));
  }
}

function commandOf(draft: Draft, before: Policy | null): Command {
  const applied = { signet: ["policies", "apply", "-f", "/dev/stdin"] };
  if (before === null) return { ...applied, input: draft, method: "POST", path: "/v1/policies", body: draft };
  const body = changesOf(draft, draftOf(before));
  const curl = { method: "PATCH", path: `/v1/policies/${before.id}`, body, headers: ifUnchanged(before.version) } as const;
  // The command finds it again by its name, so that cannot be what it changes.
  return body.name === undefined ? { ...applied, input: { name: before.name, ...body }, ...curl } : curl;
}

function draftOf(policy: Policy): Draft {
  const { name, description, enabled, action, priority, what, who, where, when } = policy;
  return { name, description, enabled, action, priority, what, who, where, when };
}
