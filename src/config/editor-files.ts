import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { omniDeclarations } from "./declarations.ts";

/** Where editors find the types of `omni`, below the configuration's folder. */
export const DECLARATIONS_FILE: string = join(".omni", "omni.d.ts");

/** How a file came out: `kept` stands for one that was there already, and was left alone or is as it should be. */
export type WriteOutcome = "written" | "kept";

/** Writes the types of `omni` for editors, anew where they are of another version: they are Omni's own, and nobody's to change. */
export async function writeDeclarations(folder: string): Promise<WriteOutcome> {
  const text = await omniDeclarations();
  const file = join(folder, DECLARATIONS_FILE);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return "kept";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return "written";
}

/** Brings the types up to date where a folder has them, that is, where `omni init` was run. */
export async function refreshDeclarations(folder: string): Promise<void> {
  if (!existsSync(join(folder, DECLARATIONS_FILE))) return;
  // A folder that may only be read is no reason to refuse what is in it.
  await writeDeclarations(folder).catch(() => undefined);
}

/** Writes a file unless there is one. */
export function writeOnce(file: string, text: string): WriteOutcome {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return "written";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return "kept";
    throw error;
  }
}
