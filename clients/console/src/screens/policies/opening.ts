// What a change of a policy may open: uses that are refused before it and may be allowed after it, told before it is saved.
//
// The service judges by the same thought whether the caller may open it. Here a network within another and a time within
// another are not recognised: where it is not plain that nothing opens, it is said that something may.

import { html, type TemplateResult } from "lit";

import { answerOf, api, type Policy } from "../../api/client";
import { ask } from "../../pieces/dialogs";
import { listed, whereInWords, whoInWords, windowInWords } from "../../pieces/policy_words";
import { session } from "../../session/session";

type Rules = Pick<Policy, "enabled" | "action" | "priority" | "what" | "who" | "where" | "when">;
/** Which setting opens something, and how. */
type Opening = readonly [setting: string, words: string];

const KINDS = ["processes", "command_lines", "source_networks"] as const;
const MOST_POLICIES = 1000;

/** Ask whether that is meant, where `after` may open something; whether to go on. `nameOf` a group is for its id. */
export async function isMeant(before: Policy, after: Rules & { name: string }, nameOf: (group: string) => string): Promise<boolean> {
  const others = before.priority === after.priority ? [] : await policiesBeside(before.id);
  const opened = openings(before, after, others, nameOf);
  if (opened.length === 0) return true;
  return ask({
    title: `Save ${after.name}?`,
    content: () => html`<p>It may allow what is refused now:</p><dl class="facts">${opened.map(told)}</dl>`,
    confirm: "Save and open",
    act: async () => undefined,
  });
}

function told([setting, words]: Opening): TemplateResult {
  return html`<dt>${setting}</dt><dd class="break" dir="auto">${words}</dd>`;
}

/** All others, or null where not all of them can be seen. */
async function policiesBeside(id: string): Promise<Policy[] | null> {
  if (session.me?.certificate_groups !== "all" || !session.may("policies:view")) return null;
  const found: Policy[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Policy[]; next_cursor: string | null } = await answerOf(
      api.GET("/v1/policies", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } }),
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < MOST_POLICIES);
  return cursor === null ? found.filter((each) => each.id !== id) : null;
}

function openings(before: Rules, after: Rules, others: readonly Policy[] | null, nameOf: (group: string) => string): Opening[] {
  const [allowed, allows] = [acts(before, "allow"), acts(after, "allow")];
  const [denied, denies] = [acts(before, "deny"), acts(after, "deny")];
  const whatInWords = (what: Policy["what"]): string =>
    [...what.certificates, ...(what.groups.length ? [`all in ${listed(what.groups.map(nameOf))}`] : [])].join(", ");
  const found: Opening[] = [];
  if (denied && !denies) found.push([before.action === after.action ? "Enabled" : "Action", `what it refuses ${whoInWords(before.who)} may be allowed`]);
  if (allows && !allowed) found.push([before.action === after.action ? "Enabled" : "Action", `${whoInWords(after.who)} may sign with ${whatInWords(after.what)}`]);
  // An allow opens what it reaches more than before, a deny what it reaches no more.
  for (const [is, wide, narrow, more] of [[allowed && allows, after, before, "also"], [denied && denies, before, after, "no longer"]] as const) {
    if (!is) continue;
    const who = { users: without(wide.who.users, narrow.who.users), user_groups: without(wide.who.user_groups, narrow.who.user_groups) };
    const what = { certificates: without(wide.what.certificates, narrow.what.certificates), groups: without(wide.what.groups, narrow.what.groups) };
    if (who.users.length || who.user_groups.length) found.push(["Who", `${more} ${whoInWords(who)}`]);
    if (what.certificates.length || what.groups.length) found.push(["What", `${more} ${whatInWords(what)}`]);
    if (KINDS.some((kind) => isWider(wide.where[kind], narrow.where[kind]))) found.push(["Where", `${whereInWords(after.where)}; before: ${whereInWords(before.where)}`]);
    if (isWider(wide.when.map(text), narrow.when.map(text))) found.push(["When", `${whenInWords(after)}; before: ${whenInWords(before)}`]);
  }
  if ((allowed && allows) || (denied && denies)) found.push(...overtaken(before, after, others));
  return found;
}

function acts(rules: Rules, action: Policy["action"]): boolean {
  return rules.enabled && rules.action === action;
}

function without(all: readonly string[], some: readonly string[]): string[] {
  return all.filter((each) => !some.includes(each));
}

/** Whether `wide` may match what `narrow` does not; none at all match everything, as does `*`. */
function isWider(wide: readonly string[], narrow: readonly string[]): boolean {
  if (narrow.length === 0) return false;
  return wide.length === 0 || (!narrow.includes("*") && without(wide, narrow).length > 0);
}

function text(window: Policy["when"][number]): string {
  return windowInWords(window);
}

function whenInWords({ when }: Rules): string {
  return when.map(windowInWords).join("; ") || "at any time";
}

/** An allow that is asked before a deny now, or a deny that is asked behind an allow. */
function overtaken(before: Rules, after: Rules, others: readonly Policy[] | null): Opening[] {
  const isAllow = after.action === "allow";
  if (isAllow ? after.priority >= before.priority : after.priority <= before.priority) return [];
  const words = isAllow ? "is asked before" : "is asked only after";
  const other = isAllow ? "deny" : "allow";
  if (others === null) return [["Priority", `${words} each ${other} of a priority between ${Math.min(before.priority, after.priority)} and ${Math.max(before.priority, after.priority)}`]];
  const [low, high] = isAllow ? [after, before] : [before, after];
  const who = after.who;
  const between = others.filter((each) =>
    acts(each, other) && comesBefore(low, each) && comesBefore(each, high) &&
    // Who is in a user group is not known here.
    (who.user_groups.length || each.who.user_groups.length || each.who.users.some((user) => who.users.includes(user))));
  return between.length ? [["Priority", `${words} ${listed(between.map((each) => each.name))}, which ${isAllow ? "refuses" : "allows"}`]] : [];
}

/** At equal priority a deny is asked first. */
function comesBefore(one: Rules, other: Rules): boolean {
  return one.priority < other.priority || (one.priority === other.priority && one.action === "deny" && other.action === "allow");
}
