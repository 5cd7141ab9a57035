// Lays a Brotli and a gzip copy beside every built file, and holds the first view to its size.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FOLDER = new URL("../../../functions/console/get_console/files/", import.meta.url).pathname;
const MOST_BYTES = 150 * 1024;

for (const name of readdirSync(FOLDER, { recursive: true })) {
  const path = join(FOLDER, name);
  if (!statSync(path).isFile() || statSync(path).size < 512) continue;
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

// What the page names itself, scripts and styles, and the pieces that those need at once.
const page = readFileSync(join(FOLDER, "index.html"), "utf8");
const first = [...page.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, name]) => name);
const bytes = [...first, "index.html"].reduce((sum, name) => sum + copy(name), 0);
console.log(`The first view: ${(bytes / 1024).toFixed(1)} KB compressed, in ${first.length + 1} files`);
if (bytes > MOST_BYTES) {
  console.error(`The first view is ${bytes} bytes compressed, at most ${MOST_BYTES} are allowed.`);
  process.exit(1);
}

function copy(name) {
  const path = join(FOLDER, name);
  return statSync(`${path}.br`, { throwIfNoEntry: false })?.size ?? statSync(path).size;
}
