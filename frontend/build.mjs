// Builds what browsers load, into src/vestibule/web/static/ (ignored by git, shipped in the wheel).
//
//   frontend/pages/*.ts          one script per page, as modules with shared chunks
//   frontend/embed/embed.ts      the elements of other people's pages, in one file
//   frontend/styles/pages/*.css  one style sheet per page, imports folded in
//   frontend/assets/**           copied
//   frontend/icons.txt           names of icons, one per line, made into one sprite
//   worker:./x                   in an import: x.ts bundled by itself; the import gives its address, as with .wasm and .tflite
//
// Every file is named for its content. manifest.json maps the plain name ("visit.js") to the built
// one; preloads.json maps a page's script to the chunks it is certain to load.
// `--watch` builds again on every change. `--package FOLDER` makes the npm package of the elements there, and nothing else.
import { createHash } from "node:crypto";
import { existsSync, watch } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build as esbuild } from "esbuild";
import { makePackage } from "./embed/package.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
// For tests of the build: another folder.
const out = process.env.VESTIBULE_STATIC_FOLDER || join(root, "src", "vestibule", "web", "static");
const COMPRESSED = new Set([".js", ".css", ".svg", ".json", ".webmanifest", ".wasm", ".tflite"]);
// The last tenth of a large file costs seconds.
const LARGE = 500_000;
// Running servers and pages that are open still name the files of earlier builds, until both were begun anew.
const KEEP_UNUSED_MS = 24 * 60 * 60 * 1000;
// What the last build made: a file's age counts from when a build no longer does.
const MADE = ".made.json";

// Copied as they are: licences that go with what is shipped, and the letters of PDFs, which the server makes.
const FROM_PACKAGES = {
  "person-finder-licence.md": "@twilio/video-processors/LICENSE.md",
  "letters.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "letters-bold.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
  "letters-licence.txt": "dejavu-fonts-ttf/LICENSE",
};
// Letters a business may choose for its pages, by the names the server knows them by.
const FONTS = {
  source: "source-sans-3",
  figtree: "figtree",
  nunito: "nunito",
  legible: "atkinson-hyperlegible-next",
  serif: "source-serif-4",
};
for (const [name, family] of Object.entries(FONTS)) {
  const folder = `@fontsource-variable/${family}`;
  FROM_PACKAGES[`font-${name}-licence.txt`] = `${folder}/LICENSE`;
  for (const subset of ["latin", "latin-ext"]) {
    FROM_PACKAGES[`font-${name}-${subset}.woff2`] = `${folder}/files/${family}-${subset}-wght-normal.woff2`;
  }
}
const SETTINGS = {
  absWorkingDir: root,
  minify: true,
  legalComments: "none",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  logLevel: "warning",
};

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();

async function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function entriesIn(folder, ending) {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(ending) && !name.endsWith(`.test${ending}`) && !name.endsWith(".d.ts"))
    .sort()
    .map((name) => join(folder, name));
}

function chunksOf(outputs, start) {
  const seen = new Set();
  const visit = (name) => {
    for (const wanted of outputs[name]?.imports ?? []) {
      if (wanted.kind !== "import-statement" || wanted.external || seen.has(wanted.path)) continue;
      seen.add(wanted.path);
      visit(wanted.path);
    }
  };
  visit(start);
  return [...seen].map((path) => basename(path));
}

/** What a page loads first: a script with nothing in it but one import would be a request for nothing. */
function startOf(outputs, entry) {
  const { imports, inputs, exports } = outputs[entry];
  const own = Object.values(inputs).some((input) => input.bytesInOutput > 0);
  const isNamed = Object.values(outputs).some((output) => output.imports.some((wanted) => wanted.path === entry));
  const [only, ...others] = imports;
  const isEmpty = only?.kind === "import-statement" && !only.external && others.length + exports.length === 0;
  return isEmpty && !own && !isNamed ? only.path : entry;
}

/**
 * What is loaded later has the page around it already. Saying so puts all that a page begins with into one chunk; else
 * every part that some of its later chunks use too would be one more request before anything is shown.
 */
function onOnePage(page) {
  return {
    name: "on-one-page",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === "dynamic-import" ? { path: `${join(resolveDir, path)}.ts`, namespace: "later" } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({
        contents: `import ${JSON.stringify(page)}; export * from ${JSON.stringify(path)};`,
        resolveDir: dirname(path),
        loader: "js",
      }));
    },
  };
}

/** The preview of a call meets somebody drawn: nothing of that is in what people load who have a call. */
const drawnPartner = {
  name: "drawn-partner",
  setup(build) {
    build.onResolve({ filter: /\/call\/backends$/ }, () => ({ path: join(here, "pages", "preview", "partner.ts") }));
  },
};

/** A worker's script is a file of its own, named for its content like every other. */
const workers = {
  name: "workers",
  setup(build) {
    build.onResolve({ filter: /^worker:/ }, ({ path, resolveDir }) => ({
      path: `${join(resolveDir, path.slice("worker:".length))}.js`,
      namespace: "worker",
    }));
    build.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => {
      const source = path.replace(/\.js$/, ".ts");
      const settings = { ...SETTINGS, bundle: true, write: false, metafile: true, format: "iife", external: ["fs", "path"] };
      const result = await esbuild({ ...settings, entryPoints: [source] });
      const watchFiles = Object.keys(result.metafile.inputs).map((name) => join(root, name));
      return { contents: result.outputFiles[0].contents, loader: "file", watchFiles };
    });
  },
};

async function bundle(entryPoints, extra) {
  if (entryPoints.length === 0) return { files: new Map(), manifest: {}, preloads: {} };
  const { plugins = [], ...more } = extra;
  const result = await esbuild({
    ...SETTINGS,
    entryPoints,
    outdir: out,
    bundle: true,
    write: false,
    metafile: true,
    loader: { ".woff2": "file", ".svg": "file", ".png": "file", ".wasm": "file", ".tflite": "file" },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    plugins: [...plugins, workers],
    ...more,
  });
  const files = new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
  const manifest = {};
  const preloads = {};
  for (const [entry, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint) continue;
    const plain = basename(output.entryPoint).replace(/\.ts$/, ".js");
    const path = startOf(result.metafile.outputs, entry);
    if (path !== entry) files.delete(basename(entry));
    manifest[plain] = basename(path);
    const chunks = chunksOf(result.metafile.outputs, path);
    if (chunks.length > 0) preloads[plain] = chunks;
  }
  return { files, manifest, preloads };
}

/** Each line of icons.txt: `name`, or `name = lucide-name`; `#` starts a remark. */
async function sprite() {
  const list = join(here, "icons.txt");
  if (!existsSync(list)) return undefined;
  const lines = (await readFile(list, "utf8")).split("\n").map((line) => line.replace(/#.*/, "").trim());
  const symbols = [];
  for (const line of lines.filter(Boolean)) {
    const [id, icon = id] = line.split("=").map((word) => word.trim());
    const own = join(here, "icons", `${icon}.svg`);
    const open = join(root, "node_modules", "lucide-static", "icons", `${icon}.svg`);
    const source = existsSync(own) ? own : open;
    if (!existsSync(source)) throw new Error(`icons.txt: there is no icon called "${icon}"`);
    const svg = await readFile(source, "utf8");
    const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1] ?? "";
    const box = /viewBox="([^"]+)"/.exec(svg)?.[1] ?? "0 0 24 24";
    const look =
      'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
    symbols.push(`<symbol id="${id}" viewBox="${box}" ${look}>${body.replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

async function copies() {
  const files = new Map();
  const manifest = {};
  const assets = join(here, "assets");
  for (const path of await filesUnder(assets)) {
    const bytes = await readFile(path);
    const plain = relative(assets, path).split(sep).join("/");
    const flat = plain.replaceAll("/", "-");
    const ending = extname(flat);
    manifest[plain] = `${flat.slice(0, flat.length - ending.length)}-${hashOf(bytes)}${ending}`;
    files.set(manifest[plain], bytes);
  }
  for (const [plain, path] of Object.entries(FROM_PACKAGES)) {
    const bytes = await readFile(join(root, "node_modules", path));
    const ending = extname(plain);
    manifest[plain] = `${plain.slice(0, -ending.length)}-${hashOf(bytes)}${ending}`;
    files.set(manifest[plain], bytes);
  }
  const icons = await sprite();
  if (icons) {
    manifest["icons.svg"] = `icons-${hashOf(icons)}.svg`;
    files.set(manifest["icons.svg"], icons);
  }
  return { files, manifest, preloads: {} };
}

/** A reader never sees half a file: written beside it, then renamed. */
async function put(name, bytes) {
  const half = join(out, `.${name}.${process.pid}`);
  await writeFile(half, bytes);
  await rename(half, join(out, name));
}

async function putBuilt(name, bytes) {
  const path = join(out, name);
  if (existsSync(path) && (!COMPRESSED.has(extname(name)) || existsSync(`${path}.br`))) return;
  await put(name, bytes);
  if (!COMPRESSED.has(extname(name))) return;
  await put(`${name}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: bytes.length > LARGE ? 9 : 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await put(`${name}.br`, await promisify(brotliCompress)(bytes, { params }));
}

async function removeUnused(kept) {
  const made = await readFile(join(out, MADE), "utf8").then(JSON.parse, () => []);
  const dropped = new Set(made.filter((name) => !kept.has(name)));
  const now = new Date();
  for (const name of await readdir(out)) {
    const plain = name.replace(/\.(gz|br)$/, "");
    if (kept.has(plain) || name === MADE) continue;
    const path = join(out, name);
    if (dropped.has(plain)) await utimes(path, now, now).catch(() => undefined);
    const age = now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0);
    if (age > KEEP_UNUSED_MS) await rm(path, { force: true });
  }
  await put(MADE, `${JSON.stringify([...kept].sort())}\n`);
}

const sorted = (record) =>
  `${JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`;

async function once() {
  const began = performance.now();
  await mkdir(out, { recursive: true });
  // Each page by itself: chunks shared between pages would cost every one of them more requests than they save.
  const pages = await entriesIn(join(here, "pages"), ".ts");
  const parts = await Promise.all([
    ...pages.map((page) => {
      const stand = basename(page) === "preview-visit.ts" ? [drawnPartner] : [];
      return bundle([page], { format: "esm", splitting: true, plugins: [...stand, onOnePage(page)] });
    }),
    bundle([join(here, "embed", "embed.ts")], { format: "esm" }),
    bundle(await entriesIn(join(here, "styles", "pages"), ".css"), {}),
    copies(),
  ]);
  const files = new Map(parts.flatMap((part) => [...part.files]));
  const manifest = Object.assign({}, ...parts.map((part) => part.manifest));
  const preloads = Object.assign({}, ...parts.map((part) => part.preloads));
  await Promise.all([...files].map(([name, bytes]) => putBuilt(name, bytes)));
  await put("preloads.json", sorted(preloads));
  await put("manifest.json", sorted(manifest));
  await removeUnused(new Set([...files.keys(), "manifest.json", "preloads.json"]));
  console.log(`front end: ${files.size} files in ${Math.round(performance.now() - began)} ms`);
}

async function keepBuilding() {
  let wanted = true;
  let building = false;
  const turn = async () => {
    if (building) return;
    building = true;
    while (wanted) {
      wanted = false;
      await once().catch((failure) => console.error(String(failure.message ?? failure)));
    }
    building = false;
  };
  watch(here, { recursive: true }, () => {
    wanted = true;
    setTimeout(turn, 50);
  });
  await turn();
}

const folder = process.argv[process.argv.indexOf("--package") + 1];
if (process.argv.includes("--package")) await makePackage(folder, SETTINGS);
else await (process.argv.includes("--watch") ? keepBuilding() : once());
