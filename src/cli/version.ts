import manifest from "../../package.json" with { type: "json" };
import type { Command } from "./command.ts";

/** Set by `scripts/build.ts`; from source there is no such thing. */
declare const OMNI_COMMIT: string | undefined;

/** The version of this Omni, as its package says. */
export const VERSION: string = manifest.version;

/** The commit that the binary was built from; undefined when run from source. */
export const COMMIT: string | undefined = typeof OMNI_COMMIT === "string" ? OMNI_COMMIT : undefined;

/** `omni version`. */
export const command: Command = {
  name: "version",
  summary: "Say which Omni this is.",
  flags: { json: { type: "boolean", summary: "Print JSON alone." } },
  examples: ["omni version", "omni version --json"],
  run: async ({ flags }) => {
    const platform = `${process.platform}-${process.arch}`;
    const facts = { format: 1, version: VERSION, commit: COMMIT ?? null, bun: Bun.version, platform };
    console.log(flags["json"] ? JSON.stringify(facts) : `omni ${VERSION} (${COMMIT ?? "from source"}, Bun ${Bun.version}, ${platform})`);
    return 0;
  },
};
