// The icons, drawn here: a strict Content-Security-Policy lets none be fetched from elsewhere.

import { html, svg, type TemplateResult } from "lit";

const PATHS = {
  home: "M3 11 12 4l9 7M5.500 9.500V20h13V9.500M10 20v-5h4v5",
  certificate: "M5 3h14v12H5zM8 7h8M8 10.500h5M12 15v6l-2-1.500L8 21v-6",
  request: "M6 3h8l4 4v14H6zM13.500 3v5h5M9 13h6M9 16.500h6",
  policy: "M12 3l8 3v5c0 5-3.500 8.500-8 10-4.500-1.500-8-5-8-10V6zM9 12l2.200 2.200L15.500 10",
  group: "M3 7h7l2 2h9v11H3z",
  role: "M8.500 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 11a3 3 0 1 0-1-5.800M17.500 14.200c2.600.5 4.500 2.400 4.500 5.800",
  event: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  expiry: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5M8 14h3M14 14h2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4.500 3.500-7 8-7s8 2.500 8 7",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5 12h.01M5 12h.6M12 12h.6M19 12h.6",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  import: "M12 3v11M7.500 10 12 14.500 16.500 10M4 17v3h16v-3",
  download: "M12 3v11M7.500 10 12 14.500 16.500 10M4 20h16",
  renew: "M4 12a8 8 0 0 1 13.700-5.600L20 8.500M20 4v4.500h-4.500M20 12a8 8 0 0 1-13.700 5.600L4 15.500M4 20v-4.500h4.500",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  enable: "M5 12.500 10 17.500 19 7",
  disable: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.700 5.700l12.600 12.600",
  up: "M12 20V5M6 10.500 12 4.500l6 6",
  down: "M12 4v15M6 13.500l6 6 6-6",
  lock: "M6 11h12v10H6zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11",
  reason: "M4 4h16v12H9l-5 4z",
  command: "M5 7l5 5-5 5M12 18h7",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 21 21",
  warning: "M12 3.500 22 20H2zM12 10v4.500M12 17.300v.01",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon beside a text that says the same; hidden from screen readers. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${svg`<path d=${PATHS[name]} />`}</svg>`;
}
