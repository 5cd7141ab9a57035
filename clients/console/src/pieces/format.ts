// How moments, numbers and states are written, everywhere the same.

import type { Certificate } from "../api/client";

const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "UTC", year: "numeric", month: "2-digit", day: "2-digit" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const NUMBER = new Intl.NumberFormat("en");
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `2026-11-22 13:00:00 UTC` */
export function moment(text: string | null | undefined): string {
  if (!text) return "never";
  const at = new Date(text);
  return `${DAY.format(at)} ${TIME.format(at)} UTC`;
}

/** `2026-11-22` in UTC */
export function day(text: string): string {
  return DAY.format(new Date(text));
}

export function count(number: number): string {
  return NUMBER.format(number);
}

/** `1 certificate`, `3 certificates` */
export function several(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** `in 3 days`, `2 months ago` */
export function fromNow(text: string): string {
  const days = (new Date(text).getTime() - Date.now()) / 86_400_000;
  if (Math.abs(days) < 1) return RELATIVE.format(Math.round(days * 24), "hour");
  if (Math.abs(days) < 60) return RELATIVE.format(Math.trunc(days), "day");
  if (Math.abs(days) < 700) return RELATIVE.format(Math.round(days / 30.4), "month");
  return RELATIVE.format(Math.round(days / 365.25), "year");
}

export const EXPIRY_WORDS: Record<Certificate["expiry"]["state"], string> = {
  not_yet_valid: "Not yet valid",
  valid: "Valid",
  expiring: "Expiring",
  expired: "Expired",
};

/** `RSA_2048` as people say it. */
export function keyAlgorithm(name: string): string {
  return name.replace(/^RSA_/, "RSA ").replace(/^ECC_NIST_P/, "ECDSA P-").replace(/^ED25519$/, "Ed25519")
    .replace(/^ML_DSA_/, "ML-DSA-");
}

/** `code_signing` as a word: `code signing`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}
