// One role: what it permits, where and to whom it is given, and a form to change that or to make a new one.

import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { answerOf, api, type CertificateGroup, ifUnchanged, once, type Role, type Schemas } from "../../api/client";
import { changesOf } from "../../pieces/changes";
import { allGroups } from "../../pieces/choices";
import { type Command, copyAsCommand } from "../../pieces/command";
import { conflict } from "../../pieces/conflict";
import { ask } from "../../pieces/dialogs";
import { EditingScreen } from "../../pieces/editing";
import { linesField, textField, tick, ticks } from "../../pieces/fields";
import { moment, words } from "../../pieces/format";
import { icon } from "../../pieces/icon";
import { Loaded } from "../../pieces/load";
import { notify } from "../../pieces/notices";
import { empty, refusal } from "../../pieces/states";
import { address, go, ofGroup } from "../../router";
import { session } from "../../session/session";

type Permission = Schemas["Permission"];
type Grant = Schemas["GrantAnswer"];
type Draft = Pick<Role, "name" | "description" | "priority" | "permissions" | "certificate_groups" | "users" | "user_groups">;

const NEW: Draft = { name: "", description: "", priority: 100, permissions: [], certificate_groups: [], users: [], user_groups: [] };

/** In the order in which they are shown, by what they are about. */
const PERMISSIONS: readonly (readonly [string, readonly Permission[]])[] = [
  ["Certificates", ["certificates:view", "certificates:import", "certificates:edit", "certificates:set_owner", "certificates:delete"]],
  ["Signing requests", ["signing_requests:view", "signing_requests:create", "signing_requests:delete"]],
  ["Policies", ["policies:view", "policies:create", "policies:edit", "policies:delete"]],
  ["Events", ["events:view_all", "events:view_certificates", "events:view_own"]],
];
const RIGHTS = [
  ["add", "Add certificates to it"],
  ["remove", "Remove certificates from it"],
  ["assign", "Assign it in policies"],
] as const;
const LABELS: Record<keyof Draft, string> = {
  name: "Name", description: "Description", priority: "Priority", permissions: "Permits", certificate_groups: "Groups", users: "Users", user_groups: "User groups",
};

@customElement("role-screen")
export class RoleScreen extends EditingScreen<Role, Draft> {
  /** Empty for a new one. */
  @property({ attribute: false }) identifier = "";
  private readonly loaded = new Loaded<Role>(this, "the role", "Role");
  @state() private groups: readonly CertificateGroup[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    allGroups().then((groups) => (this.groups = groups), () => undefined);
    if (this.identifier === "") this.draft = NEW;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("identifier") || this.identifier === "") return;
    this.reset(); // what was typed belongs to what was shown before
    this.loaded.value = null;
    void this.load();
  }

  private load(): Promise<void> {
    return this.loaded.load(() => this.fetch());
  }

  private fetch(): Promise<Role> {
    return answerOf(api.GET("/v1/roles/{id}", { params: { path: { id: this.identifier } } }));
  }

  override render(): TemplateResult {
    const crumbs = html`<p class="crumbs"><a href=${address("roles")}>Roles</a></p>`;
    if (this.identifier !== "") return html`${crumbs}${this.loaded.show((role) => this.renderRole(role), () => this.load())}`;
    if (!session.isAdministrator) return html`<h1>New role</h1>${empty("Not for you", "Only an Administrator makes roles.")}`;
    return html`${crumbs}<h1>New role</h1>${this.renderForm(this.draft ?? NEW, null)}`;
  }

  private renderRole(role: Role): TemplateResult {
    if (this.draft) return html`<h1 dir="auto">${role.name}</h1>${this.renderForm(this.draft, role)}`;
    return html`<div class="title-row"><h1 dir="auto">${role.name}</h1>${role.built_in ? html`<span class="badge info">built in</span>` : nothing}<span class="spacer"></span>
        ${session.isAdministrator ? html`<button type="button" @click=${() => (this.draft = draftOf(role))}>Edit</button>` : nothing}
        ${session.isAdministrator && !role.built_in ? html`<button type="button" class="wa-danger" @click=${() => this.erase(role)}>${icon("delete")} Delete</button>` : nothing}</div>
      <dl class="facts wide">
        <dt>Description</dt><dd dir="auto">${role.description || html`<span class="quiet">none</span>`}</dd>
        <dt>Priority</dt><dd>${role.priority} <span class="quiet">of several roles given in the same way the lowest is in force</span></dd>
        <dt>Permits</dt><dd>${role.permissions.length === 0 ? "nothing" : html`<ul class="plain">${PERMISSIONS.map(([noun, all]) => {
          const held = all.filter((each) => role.permissions.includes(each));
          return held.length === 0 ? nothing : html`<li>${noun}: ${held.map(verb).join(", ")}</li>`;
        })}</ul>`}</dd>
        <dt>Groups</dt><dd>${this.renderGrants(role.certificate_groups)}</dd>
        <dt>Users</dt><dd dir="auto">${role.users.join(", ") || html`<span class="quiet">nobody directly</span>`}</dd>
        <dt>User groups</dt><dd dir="auto">${role.user_groups.join(", ") || html`<span class="quiet">none</span>`}</dd>
        ${role.updated_at ? html`<dt>Changed</dt><dd>${moment(role.updated_at)}, version ${role.version}</dd>` : nothing}
      </dl>
      ${copyAsCommand({ signet: ["roles", "show"], names: [role.name], method: "GET", path: `/v1/roles/${role.id}` })}`;
  }

  private renderGrants(grants: Role["certificate_groups"]): TemplateResult {
    if (grants === "all") return html`all certificates, in groups or not`;
    if (grants.length === 0) return html`none`;
    return html`<ul class="plain">${grants.map((each) => html`<li><a dir="auto" href=${ofGroup(each.group)}>${this.nameOf(each.group)}</a>: ${rightsInWords(each.rights)}</li>`)}</ul>`;
  }

  private renderForm(draft: Draft, before: Role | null): TemplateResult {
    const set = (change: Partial<Draft>): void => {
      this.draft = { ...draft, ...change };
    };
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.save(draft, before, before?.version ?? 0);
    };
    return html`<form class="wizard" @submit=${submit}>
      ${before?.built_in ? html`<p class="note">It is built in: what it permits stays as it is. To whom it is given can be changed.</p>` : this.renderSettings(draft, set)}
      <fieldset><legend>Given to</legend>
        ${linesField({ name: "users", label: "Users", hint: "Such as corp/alice, one a line", value: draft.users, error: this.error, change: (users) => set({ users }) })}
        ${linesField({ name: "user_groups", label: "User groups", hint: "Such as corp/release, one a line", value: draft.user_groups, error: this.error, change: (user_groups) => set({ user_groups }) })}</fieldset>
      ${this.theirs && before ? this.renderConflict(draft, before, this.theirs) : refusal(this.error)}
      <div class="buttons"><button type="submit" class="wa-brand" ?disabled=${this.busy}>Save</button>
        <button type="button" class="wa-plain" @click=${() => (before ? this.reset() : go(address("roles")))}>Cancel</button></div>
      ${copyAsCommand(commandOf(draft, before))}
    </form>`;
  }

  private renderSettings(draft: Draft, set: (change: Partial<Draft>) => void): TemplateResult {
    const scoped = draft.certificate_groups === "all" ? null : draft.certificate_groups;
    return html`${textField({ name: "name", label: "Name", required: true, most: 128, value: draft.name, error: this.error, change: (name) => set({ name }) })}
      ${textField({ name: "description", label: "Description", value: draft.description, error: this.error, change: (description) => set({ description }) })}
      ${textField({ name: "priority", label: "Priority", type: "number", value: String(draft.priority), hint: "Of several roles given in the same way the lowest is in force", error: this.error, change: (value) => set({ priority: Number(value) }) })}
      ${PERMISSIONS.map(([noun, all]) => ticks(noun, all.map((each) => [each, verb(each)] as const), draft.permissions, (chosen) =>
        set({ permissions: [...draft.permissions.filter((each) => !all.includes(each)), ...all.filter((each) => chosen.includes(each))] })))}
      <fieldset><legend>Groups</legend>
        ${tick("All certificates, in groups or not", scoped === null, (all) => set({ certificate_groups: all ? "all" : [] }))}
        ${scoped === null ? nothing : this.groups.map((group) => this.renderGrant(group, scoped, (certificate_groups) => set({ certificate_groups })))}
        ${scoped !== null && this.groups.length === 0 ? html`<p class="quiet">There is no group yet. <a href=${address("groups")}>Make one</a> first.</p>` : nothing}</fieldset>`;
  }

  private renderGrant(group: CertificateGroup, grants: readonly Grant[], change: (grants: Grant[]) => void): TemplateResult {
    const held = grants.find((each) => each.group === group.id);
    const others = grants.filter((each) => each.group !== group.id);
    return html`${tick(group.name, held !== undefined, (on) => change(on ? [...others, { group: group.id, rights: [] }] : others))}
      ${held ? html`<div class="more">${ticks(`Rights on ${group.name}`, RIGHTS, held.rights, (rights) => change([...others, { group: group.id, rights: rights as Grant["rights"] }]))}</div>` : nothing}`;
  }

  private renderConflict(draft: Draft, before: Role, theirs: Role): TemplateResult {
    const names = Object.keys(changesOf(draft, draftOf(before))) as (keyof Draft)[];
    return conflict({
      before,
      theirs,
      settings: names.map((name) => [LABELS[name], this.inWords(draft, name), this.inWords(theirs, name)]),
      overwrite: () => this.save(draft, before, theirs.version),
      take: () => {
        this.reset();
        this.loaded.value = theirs;
      },
    });
  }

  private inWords(draft: Draft, name: keyof Draft): string {
    if (name === "certificate_groups") {
      if (draft.certificate_groups === "all") return "all certificates";
      return draft.certificate_groups.map((each) => `${this.nameOf(each.group)}: ${rightsInWords(each.rights)}`).join("; ") || "none";
    }
    const value = draft[name];
    return (Array.isArray(value) ? value.join(", ") : String(value)) || "none";
  }

  private nameOf(group: string): string {
    return this.groups.find((each) => each.id === group)?.name ?? group;
  }

  private save(draft: Draft, before: Role | null, version: number): Promise<void> {
    return this.send(async () => {
      if (before) {
        const body = changesOf(draft, draftOf(before));
        this.loaded.value = await answerOf(api.PATCH("/v1/roles/{id}", { params: { path: { id: before.id }, header: ifUnchanged(version) }, body }));
        this.reset();
        await session.refresh();
      } else {
        const made = await answerOf(api.POST("/v1/roles", { params: { header: once() }, body: draft }));
        await session.refresh();
        go(address("roles", made.id), { replace: true });
      }
      notify(`${draft.name} is saved`);
    }, () => this.fetch());
  }

  private async erase(role: Role): Promise<void> {
    const done = await ask({
      title: `Delete ${role.name}?`,
      content: () => html`<p>Those to whom it is given fall back to the next role that they have, or to none.</p>
        ${copyAsCommand({ signet: ["roles", "delete"], names: [role.name], method: "DELETE", path: `/v1/roles/${role.id}` })}`,
      confirm: "Delete",
      dangerous: true,
      act: async () => {
        await answerOf(api.DELETE("/v1/roles/{id}", { params: { path: { id: role.id }, header: ifUnchanged(role.version) } }));
        await session.refresh();
        notify(`${role.name} is deleted`);
      },
    });
    if (done) go(address("roles"));
  }
}

function commandOf(draft: Draft, before: Role | null): Command {
  const applied = { signet: ["roles", "apply", "-f", "/dev/stdin"] };
  if (before === null) return { ...applied, input: draft, method: "POST", path: "/v1/roles", body: draft };
  const body = changesOf(draft, draftOf(before));
  const curl = { method: "PATCH", path: `/v1/roles/${before.id}`, body, headers: ifUnchanged(before.version) } as const;
  // The command finds it again by its name, so that cannot be what it changes.
  return body.name === undefined ? { ...applied, input: { name: before.name, ...body }, ...curl } : curl;
}

function draftOf(role: Role): Draft {
  const { name, description, priority, permissions, certificate_groups, users, user_groups } = role;
  return { name, description, priority, permissions, certificate_groups, users, user_groups };
}

/** `certificates:set_owner` beside its noun: `set owner`. */
function verb(permission: Permission): string {
  return words(permission.split(":")[1] ?? permission);
}

function rightsInWords(rights: readonly string[]): string {
  return ["view", ...rights].join(", ");
}
