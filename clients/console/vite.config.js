// What is built is what the console's function hands out: every name but the page's holds a digest, nothing is inlined,
// nothing comes from another host.
import { icons } from "@awesome.me/webawesome/dist/components/icon/library.system.js";
import { defineConfig } from "vite";

/** The icons inside the library's components, as files: a Content-Security-Policy lets none be fetched from a `data:`. */
const systemIcons = {
  name: "system-icons",
  generateBundle() {
    for (const [family, named] of Object.entries(icons)) {
      for (const [name, source] of Object.entries(named)) {
        this.emitFile({ type: "asset", fileName: `icons/${family}/${name}.svg`, source });
      }
    }
  },
};

export default defineConfig({
  base: "/console/",
  plugins: [systemIcons],
  build: {
    target: "es2022",
    outDir: "../../functions/console/get_console/files",
    emptyOutDir: true,
    manifest: true, // read by compress.mjs, which takes it away
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
