// Lays a Brotli and a gzip copy beside every built file, and holds the first view to its size.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FOLDER = new URL("../../../functions/console/get_console/files/", import.meta.url).pathname;
const MOST_BYTES = 150 * 1024;
const manifest = JSON.parse(readFileSync(join(FOLDER, ".vite/manifest.json"), "utf8"));
rmSync(join(FOLDER, ".vite"), { recursive: true }); // nobody is to be handed it

for (const name of readdirSync(FOLDER, { recursive: true })) {
  const path = join(FOLDER, name);
  if (!statSync(path).isFile() || statSync(path).size < 512) continue;
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

// What a first view loads: the page, its icon, the entry, the shell, and a screen; whichever of them the address names,
// so the largest counts. Vite's manifest says what each of these needs.
const first = new Set(["index.html", "icon.svg", ...needed("index.html"), ...needed("src/shell/app.ts")]);
const screens = manifest["src/shell/app.ts"].dynamicImports ?? [];
if (screens.length < 2) throw new Error("The shell loads no screens: what does a first view load now?");
const [bytes, screen] = screens
  .map((each) => [[...new Set([...first, ...needed(each)])].reduce((sum, name) => sum + copy(name), 0), each])
  .reduce((most, each) => (each[0] > most[0] ? each : most));
console.log(`The first view: at most ${(bytes / 1024).toFixed(1)} KB compressed, of ${screen}`);
if (bytes > MOST_BYTES) {
  console.error(`The first view is ${bytes} bytes compressed, at most ${MOST_BYTES} are allowed.`);
  process.exit(1);
}

/** The files of an entry of the manifest, and of all that it imports before it runs. */
function needed(entry, found = new Set()) {
  const { file, css = [], imports = [] } = manifest[entry];
  if (!found.has(file)) {
    found.add(file);
    for (const each of css) found.add(each);
    for (const each of imports) needed(each, found);
  }
  return found;
}

function copy(name) {
  const path = join(FOLDER, name);
  return statSync(`${path}.br`, { throwIfNoEntry: false })?.size ?? statSync(path).size;
}
