import { join, resolve } from "node:path";
import { findConfig, folderOf, loadConfig } from "../config/load.ts";
import { OmniError } from "../ir/failure.ts";
import type { CommandInput, Flag } from "./command.ts";

/** Where a ledger lies if nobody says it. */
const FOLDER = ".omni";

/** The flags that say which ledger is meant. */
export const LEDGER_FLAGS: Readonly<Record<string, Flag>> = {
  ledger: { type: "string", value: "FOLDER", summary: "The ledger's folder. Default: as the configuration says, or .omni beside it." },
  config: { type: "string", value: "FILE", summary: "The configuration that says where the ledger lies. Default: the one in this folder." },
};

/**
 * Finds the ledger's folder, as the gateway would.
 * @throws {OmniError} If the configuration does not hold.
 */
export async function ledgerFolder({ flags }: Pick<CommandInput, "flags">): Promise<string> {
  if (typeof flags["ledger"] === "string") return resolve(flags["ledger"]);
  const file = typeof flags["config"] === "string" ? resolve(flags["config"]) : findConfig();
  if (file === undefined) return resolve(FOLDER);
  const loaded = await loadConfig({ file });
  if (!loaded.ok)
    throw new OmniError(
      "internal_error",
      "Cannot say where the ledger lies: the configuration does not hold (omni check). Or name it: --ledger FOLDER",
    );
  return folderIn(loaded.data.ledger === false ? undefined : loaded.data.ledger?.folder, folderOf(loaded.file));
}

/**
 * A ledger's folder as the configuration means it.
 * @param folder What it says, if anything.
 * @param base The configuration's own folder.
 */
export function folderIn(folder: string | undefined, base: string): string {
  return folder === undefined ? join(base, FOLDER) : resolve(base, folder);
}
