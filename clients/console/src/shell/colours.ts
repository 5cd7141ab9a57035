// Dark or light: as the system has it, until the person chooses for this visit.

const DARK = window.matchMedia("(prefers-color-scheme: dark)");
let chosen: boolean | null = null;

export function isDark(): boolean {
  return chosen ?? DARK.matches;
}

export function choose(dark: boolean): void {
  chosen = dark;
  apply();
}

export function followColourScheme(): void {
  DARK.addEventListener("change", apply);
  apply();
}

function apply(): void {
  document.documentElement.classList.toggle("wa-dark", isDark());
  document.documentElement.classList.toggle("wa-light", !isDark());
}
