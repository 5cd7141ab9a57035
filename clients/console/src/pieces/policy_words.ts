// A policy in words, and its When as a week.

import { html, type TemplateResult } from "lit";

import type { Policy, Schemas } from "../api/client";

export const DAYS = [["mon", "Mon"], ["tue", "Tue"], ["wed", "Wed"], ["thu", "Thu"], ["fri", "Fri"], ["sat", "Sat"], ["sun", "Sun"]] as const;

type Window = Schemas["WindowAnswer"];

export function whereInWords(where: Policy["where"]): string {
  const parts: string[] = [];
  if (where.processes.length) parts.push(`by a program called ${listed(where.processes)}`);
  if (where.command_lines.length) parts.push(`with a command line in which is found ${listed(where.command_lines)}`);
  if (where.source_networks.length) parts.push(`from ${listed(where.source_networks)}`);
  return parts.length ? parts.join(", and ") : "from anywhere, with any program";
}

export function whoInWords(who: Policy["who"]): string {
  const parts: string[] = [];
  if (who.users.length) parts.push(listed(who.users));
  if (who.user_groups.length) parts.push(`members of ${listed(who.user_groups)}`);
  return parts.join(", or ");
}

export function windowInWords(window: Window): string {
  const days = window.days.length === 0 || window.days.length === 7 ? "every day" : window.days.map((day) => DAYS.find(([name]) => name === day)?.[1] ?? day).join(", ");
  const times = window.start_time && window.end_time ? ` from ${window.start_time} to ${window.end_time}${window.end_time < window.start_time ? " of the next day" : ""}` : "";
  const from = window.start_date ? `, from ${window.start_date}` : "";
  const until = window.end_date ? `, until the end of ${window.end_date}` : "";
  return `${days}${times}${from}${until} (${window.time_zone})`;
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Whether an hour of a day is within a window, at its beginning or in part. */
function covers(window: Window, day: number, hour: number): boolean {
  const on = (at: number): boolean => window.days.length === 0 || window.days.includes(DAYS[(at + 7) % 7]![0]);
  if (!window.start_time || !window.end_time) return on(day);
  const [start, end] = [minutes(window.start_time), minutes(window.end_time)];
  const [from, to] = [hour * 60, hour * 60 + 60];
  if (start < end) return on(day) && from < end && to > start;
  return (on(day) && to > start) || (on(day - 1) && from < end); // past midnight, it belongs to the day before
}

function minutes(time: string): number {
  const [hours, rest] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (rest ?? 0);
}

/** The hours of a week in which it may match; the same is said in words beside it. */
export function week(windows: readonly Window[]): TemplateResult {
  return html`<table class="week" aria-hidden="true"><thead><tr><th></th>${HOURS.map((hour) => html`<th>${hour % 6 === 0 ? hour : ""}</th>`)}</tr></thead>
    <tbody>${DAYS.map(([, label], day) => html`<tr><th>${label}</th>${HOURS.map((hour) => html`<td class=${windows.length === 0 || windows.some((each) => covers(each, day, hour)) ? "on" : ""}></td>`)}</tr>`)}</tbody></table>`;
}
