// Makes the folder that `npm pack` takes: the script as /embed.js is, its types and manifest, the licence.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const AS_THEY_ARE = ["index.d.ts", "react.d.ts", "custom-elements.json", "README.md"];

/** The product's version, which the package shares. */
async function version() {
  const project = await readFile(join(root, "pyproject.toml"), "utf8");
  return /^version = "([^"]+)"/m.exec(project)[1];
}

/** Write the package into `folder`, building with the settings of the front end. */
export async function makePackage(folder, settings) {
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, "embed.js");
  await build({ ...settings, entryPoints: [join(here, "embed.ts")], outfile, bundle: true, format: "esm" });
  const told = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ ...told, version: await version() }, null, 2)}\n`);
  for (const name of AS_THEY_ARE) await copyFile(join(here, name), join(folder, name));
  await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
}
