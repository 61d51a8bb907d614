import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Output of a real tool, or of its documentation. */
export interface RecordedSample {
  readonly filter: string;
  readonly name: string;
  readonly command: string | undefined;
  readonly origin: "recorded" | "documented";
  readonly output: string;
  /** Parts of lines that must be in what is left. */
  readonly survives: readonly string[];
}

const FOLDER = join(import.meta.dir, "samples");

/** All that lie in the folder, whether or not a list names them. */
export function readSamples(): RecordedSample[] {
  return readdirSync(FOLDER).flatMap((filter) => {
    const rows = JSON.parse(readFileSync(join(FOLDER, filter, "survives.json"), "utf8"));
    const files = readdirSync(join(FOLDER, filter)).filter((file) => file.endsWith(".txt"));
    return files.map((file) => ({
      filter,
      name: `${filter}/${file.slice(0, -4)}`,
      command: rows[file].command,
      origin: rows[file].origin,
      survives: rows[file].survives,
      output: readFileSync(join(FOLDER, filter, file), "utf8"),
    }));
  });
}
