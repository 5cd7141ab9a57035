// "Copy as command": every action of the console as the `signet` command and as curl.

import { html, type TemplateResult } from "lit";

import { icon } from "./icon";
import { notify } from "./notices";

/** One action, as its two commands. */
export interface Command {
  /** What `signet` is called with before names; none where the command has no such action. */
  signet?: readonly string[];
  /** The names that `signet` is given, as callers have set them. */
  names?: readonly string[];
  /** What `signet` reads from its standard input, as JSON. */
  input?: unknown;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** `/v1/certificates/...`, encoded. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** The file whose content, in base64, is the `content` of the body. */
  file?: string;
  /** Whether the answer is a file to be kept under its name. */
  saves?: boolean;
}

/** `text` as one word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function asSignet(command: Command): string {
  const names = command.names ?? [];
  const marked = names.some((each) => each.startsWith("-")) ? ["--", ...names] : names; // a name may look like an option
  const called = ["signet", ...(command.signet ?? []), ...marked].map(quoted).join(" ");
  return command.input === undefined ? called : `printf %s ${quoted(JSON.stringify(command.input))} | ${called}`;
}

/** With the token from the environment: no token is shown, copied or kept. */
export function asCurl(command: Command): string {
  const parts = ["curl", "--fail-with-body"];
  if (command.saves) parts.push("-OJ");
  if (command.method !== "GET") parts.push("-X", command.method);
  parts.push(quoted(location.origin + command.path), "-H", '"Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(command.headers ?? {})) parts.push("-H", quoted(`${name}: ${value}`));
  if (command.body === undefined) return parts.join(" ");
  parts.push("-H", "'Content-Type: application/json'");
  if (command.file === undefined) return [...parts, "--data-raw", quoted(JSON.stringify(command.body))].join(" ");
  // The body is put together around the file, whose content is longer than what a command line holds.
  const rest = JSON.stringify(command.body).slice(1);
  const file = command.file.startsWith("-") ? `./${command.file}` : command.file;
  const body = `{ printf %s '{"content":"'; base64 < ${quoted(file)} | tr -d '\\n'; printf %s ${quoted(`"${rest === "}" ? "" : ","}${rest}`)}; }`;
  return `${body} | ${[...parts, "--data-binary", "@-"].join(" ")}`;
}

/** A small panel with both, to be put beside the action's button. */
export function copyAsCommand(command: Command): TemplateResult {
  return html`<details class="command"><summary>${icon("command")} Copy as command</summary>${lines(command)}</details>`;
}

/** One of the several actions of one thing. */
export interface Labelled {
  label: string;
  command: Command;
}

/** The same for all of them. */
export function copyAsCommands(actions: readonly Labelled[]): TemplateResult {
  return html`<details class="command"><summary>${icon("command")} Copy as command</summary>${commandsOf(actions)}</details>`;
}

/** The same without anything to be opened first. */
export function commandsOf(actions: readonly Labelled[]): TemplateResult {
  return html`${actions.map(({ label, command }) => html`<h3>${label}</h3>${lines(command, `${label}: `)}`)}`;
}

function lines(command: Command, of = ""): TemplateResult[] {
  const both = [...(command.signet ? [["signet", asSignet(command)] as const] : []), ["curl", asCurl(command)] as const];
  return both.map(([program, line]) => html`<div class="line">
    <code tabindex="0">${line}</code>
    <button type="button" class="icon-button" aria-label=${`${of}Copy ${program} command`} @click=${() => copied(line)}>${icon("copy")}</button>
  </div>`);
}

export async function copied(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("Copied");
  } catch {
    notify("The browser does not let this page copy; mark the text and copy it yourself.");
  }
}
