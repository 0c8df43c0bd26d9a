// Bundles the pages: `node tests/sdk/build.mjs PACKAGES OUT`, with the packages from script/javascript-sdks.
import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const esbuild = createRequire(join(here, "../../package.json"))("esbuild");
const [packages, out] = process.argv.slice(2);

// Peers of the user interface that only calls need, under a licence of their own.
const withoutCalling = {
  name: "without-calling",
  setup(build) {
    build.onResolve({ filter: /^@azure\/communication-calling(-effects)?$/ }, () => ({ path: "calling", namespace: "none" }));
    build.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

await esbuild.build({
  entryPoints: [join(here, "chat.js"), join(here, "composite.jsx")],
  nodePaths: [join(packages, "node_modules")],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [withoutCalling],
  logLevel: "error",
});
for (const page of ["chat.html", "composite.html"]) await copyFile(join(here, page), join(out, page));
