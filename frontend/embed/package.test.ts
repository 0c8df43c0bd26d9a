import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { execPath } from "node:process";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

const MOST_BYTES = 5 * 1024;
const FILES = ["LICENSE", "README.md", "custom-elements.json", "embed.js", "index.d.ts", "package.json", "react.d.ts"];
const EVENTS = ["ready", "booked", "moved", "cancelled", "joined", "ended", "answered", "failed"].map((name) => `vestibule-${name}`);

interface Declaration {
  readonly name: string;
  readonly tagName: string;
  readonly attributes: readonly { readonly name: string }[];
  readonly events: readonly { readonly name: string }[];
  readonly cssParts: readonly { readonly name: string }[];
}

let project = "";
let folder = "";
const run = (program: string, words: string[], cwd?: string) => spawnSync(program, words, { encoding: "utf8", ...(cwd ? { cwd } : {}) });
const made = (name: string) => readFileSync(`${folder}/${name}`, "utf8");
const source = (name: string) => readFileSync(`frontend/embed/${name}`, "utf8");

before(() => {
  project = mkdtempSync(`${tmpdir()}/vestibule-embed-`);
  folder = `${project}/node_modules/vestibule-embed`;
  const built = run(execPath, ["frontend/build.mjs", "--package", folder]);
  assert.equal(built.status, 0, built.stderr);
});
after(() => rmSync(project, { recursive: true, force: true }));

test("the elements are one script of five kilobytes at most, which loads nothing", () => {
  const size = gzipSync(readFileSync(`${folder}/embed.js`), { level: 9 }).length;
  assert.ok(size <= MOST_BYTES, `${size} bytes`);
  assert.doesNotMatch(made("embed.js"), /\bimport\s*[("'{*]|\bimport\s+\w+\s+from/);
});

test("what npm packs is the script, its types, its manifest and the licence", (context) => {
  const npm = run("npm", ["pack", "--dry-run", "--offline", "--json"], folder);
  if (npm.status === null) return context.skip("npm is not installed");
  assert.equal(npm.status, 0, npm.stderr);
  const [packed] = JSON.parse(npm.stdout) as { name: string; version: string; files: { path: string }[] }[];
  assert.deepEqual(packed?.files.map((one) => one.path).sort(), FILES);
  assert.equal(packed?.version, /^version = "([^"]+)"/m.exec(readFileSync("pyproject.toml", "utf8"))?.[1]);
});

test("where there is no document the package can be imported all the same", () => {
  const told = "import('vestibule-embed').then((all) => console.log(Object.keys(all).sort().join()))";
  const ran = run(execPath, ["-e", told], project);
  assert.equal(ran.stdout.trim(), "VestibuleBook,VestibuleButton,VestibuleSurvey,VestibuleVisit", ran.stderr);
});

test("the manifest names every element with the attributes, events and parts that it has", () => {
  const manifest = JSON.parse(made("custom-elements.json")) as { schemaVersion: string; modules: { declarations: Declaration[] }[] };
  assert.equal(manifest.schemaVersion, "1.0.0");
  const found = manifest.modules[0]?.declarations ?? [];
  assert.deepEqual(found.map((one) => one.tagName), [...source("embed.ts").matchAll(/"(vestibule-\w+)":/g)].map(([, tag]) => tag));
  const named = (list: readonly { readonly name: string }[]) => list.map((one) => one.name).sort();
  const known = /ATTRIBUTES = \[([^\]]+)\]/.exec(source("framed-element.ts"))?.[1]?.match(/"\w+"/g)?.map((word) => word.slice(1, -1)) ?? [];
  const all = [...known, "name", "email", "phone", "opens"].sort();
  assert.deepEqual(named(found.find((one) => one.tagName === "vestibule-button")?.attributes ?? []), all);
  for (const one of found) {
    assert.deepEqual(named(one.events), [...EVENTS].sort());
    for (const name of named(one.attributes)) assert.ok(all.includes(name), `${one.tagName} ${name}`);
  }
  const parts = [...source("button.ts").matchAll(/\bpart\("\w+", "(\w+)"\)/g)].map(([, name]) => name);
  assert.deepEqual(named(found.at(-1)?.cssParts ?? []), parts.sort());
});

test("the types name the same elements and events", () => {
  const types = made("index.d.ts");
  for (const name of EVENTS) assert.match(types, new RegExp(`"${name}": CustomEvent<`));
  for (const [, tag] of source("embed.ts").matchAll(/"(vestibule-\w+)":/g)) {
    assert.match(types, new RegExp(`"${tag}": Vestibule`));
    assert.match(made("react.d.ts"), new RegExp(`"${tag}": Props<`));
  }
});

// As much of React's types as the example and ours use: they are no dependency of this project.
const REACT = `
export interface HTMLAttributes<T> { className?: string; id?: string; children?: unknown; onClick?: (event: { target: T }) => void }
export type DetailedHTMLProps<A, T> = A & { ref?: RefObject<T | null>; key?: string };
export interface RefObject<T> { current: T }
export interface ReactElement { type: string }
export function useRef<T>(now: T): RefObject<T>;
export function useRef<T>(now: null): RefObject<T | null>;
export function useEffect(work: () => void | (() => void), on: readonly unknown[]): void;
export namespace JSX {
  interface Element extends ReactElement {}
  interface IntrinsicElements { a: { href?: string; children?: unknown }; }
  interface ElementChildrenAttribute { children: unknown }
}`;
const RUNTIME = `export { JSX } from "react"; export function jsx(...all: unknown[]): unknown; export { jsx as jsxs };`;
const PLAIN = `import "vestibule-embed";
const book = document.createElement("vestibule-book");
book.addEventListener("vestibule-booked", ({ detail }) => console.log(detail.start.length, detail.status === "requested"));
document.addEventListener("vestibule-ended", (event) => console.log(event.detail.reason === "left"));
document.querySelector("vestibule-button")?.open();
// @ts-expect-error there is no such detail
document.addEventListener("vestibule-cancelled", ({ detail }) => console.log(detail.email));
`;
const LISTENING = `import "vestibule-embed/react";
export const book = <vestibule-book business="clinic" onvestibule-booked={({ detail }) => console.log(detail.start.length)} />;
// @ts-expect-error there is no business without a name
export const nobody = <vestibule-visit link="" />;
`;
const SETTINGS = {
  compilerOptions: {
    target: "ES2022", module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM"], types: [], strict: true,
    exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, jsx: "react-jsx", noEmit: true, skipLibCheck: false,
  },
  include: ["*.ts", "*.tsx"],
};

test("the examples compile with the package's types, strictly", () => {
  mkdirSync(`${project}/node_modules/react`, { recursive: true });
  const react = { name: "react", version: "19.0.0", exports: { ".": { types: "./index.d.ts" }, "./jsx-runtime": { types: "./jsx-runtime.d.ts" } } };
  writeFileSync(`${project}/node_modules/react/package.json`, JSON.stringify(react));
  writeFileSync(`${project}/node_modules/react/index.d.ts`, REACT);
  writeFileSync(`${project}/node_modules/react/jsx-runtime.d.ts`, RUNTIME);
  writeFileSync(`${project}/plain.ts`, PLAIN);
  writeFileSync(`${project}/listening.tsx`, LISTENING);
  writeFileSync(`${project}/tsconfig.json`, JSON.stringify(SETTINGS));
  cpSync("examples/embed/react/BookAppointment.tsx", `${project}/BookAppointment.tsx`);
  const compiled = run(execPath, ["node_modules/typescript/bin/tsc", "-p", project]);
  assert.equal(compiled.status, 0, compiled.stdout + compiled.stderr);
});
