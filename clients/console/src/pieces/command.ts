// "Copy as command": every action of the console as the `signet` command and as curl.

import { html, type TemplateResult } from "lit";

import { icon } from "./icon";
import { notify } from "./notices";

/** One action, as its two commands. */
export interface Command {
  /** Arguments of `signet`; none where the command has no such action. */
  signet?: readonly string[];
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** `/v1/certificates/...`, encoded. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** `text` as one word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function asSignet(command: Command): string {
  return ["signet", ...(command.signet ?? [])].map(quoted).join(" ");
}

/** With the token from the environment: no token is shown, copied or kept. */
export function asCurl(command: Command): string {
  const parts = ["curl"];
  if (command.method !== "GET") parts.push("-X", command.method);
  parts.push(quoted(location.origin + command.path), "-H", '"Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(command.headers ?? {})) parts.push("-H", quoted(`${name}: ${value}`));
  if (command.body !== undefined) {
    parts.push("-H", "'Content-Type: application/json'", "--data-raw", quoted(JSON.stringify(command.body)));
  }
  return parts.join(" ");
}

/** A small panel with both, to be put beside the action's button. */
export function copyAsCommand(command: Command): TemplateResult {
  const lines = [...(command.signet ? [asSignet(command)] : []), asCurl(command)];
  return html`<details class="command">
    <summary>${icon("command")} Copy as command</summary>
    ${lines.map((line) => html`<div class="line">
      <code tabindex="0">${line}</code>
      <button type="button" class="icon-button" aria-label=${`Copy ${line.split(" ")[0]} command`} @click=${() => copied(line)}>${icon("copy")}</button>
    </div>`)}
  </details>`;
}

export async function copied(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("Copied");
  } catch {
    notify("The browser does not let this page copy; mark the text and copy it yourself.");
  }
}
