// The entry: the library's styles and icons, the colour scheme, and the shell.

import "@awesome.me/webawesome/dist/styles/layers.css";
import "@awesome.me/webawesome/dist/styles/themes/default.css";
import "@awesome.me/webawesome/dist/styles/native.css";
import "./style.css";

import { registerIconLibrary } from "@awesome.me/webawesome/dist/components/icon/library.js";

import { BASE } from "./router";
import { followColourScheme } from "./shell/colours";
import { trustIconsAlone } from "./shell/trust";

trustIconsAlone();
for (const name of ["default", "system"]) {
  registerIconLibrary(name, {
    resolver: (icon, _family, variant) => `${BASE}/icons/${variant === "regular" ? "regular" : "solid"}/${icon}.svg`,
    mutator: (svg) => svg.setAttribute("fill", "currentColor"),
  });
}
followColourScheme();
await import("./shell/app");
