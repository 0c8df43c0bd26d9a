// Runs the unit tests of the front end: every frontend/**/*.test.ts, or those whose path holds an argument.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const entries = await readdir(here, { withFileTypes: true, recursive: true });
const tests = entries
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort();

if (tests.length === 0) {
  console.log(wanted.length === 0 ? "front end: no unit tests" : `front end: no unit test matches ${wanted}`);
  process.exit(wanted.length === 0 ? 0 : 1);
}

// What only browsers load: a test that needs it brings its own.
const WORKERS = {
  name: "workers",
  setup(build) {
    build.onResolve({ filter: /^worker:/ }, ({ path }) => ({ path, namespace: "worker" }));
    build.onLoad({ filter: /.*/, namespace: "worker" }, () => ({ contents: "", loader: "empty" }));
  },
};

const folder = await mkdtemp(join(tmpdir(), "vestibule-frontend-"));
try {
  await build({
    absWorkingDir: dirname(here),
    entryPoints: tests,
    outdir: folder,
    outbase: here,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    loader: { ".wasm": "empty", ".tflite": "empty" },
    plugins: [WORKERS],
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
  });
  const bundles = tests.map((path) => join(folder, path.slice(here.length + 1).replace(/\.ts$/, ".mjs")));
  const node = spawn(process.execPath, ["--enable-source-maps", "--test", ...bundles], { stdio: "inherit", cwd: dirname(here) });
  process.exitCode = await new Promise((done) => node.on("exit", (code) => done(code ?? 1)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
