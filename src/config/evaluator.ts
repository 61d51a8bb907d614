import { writeSync } from "node:fs";
import * as config from "./config.ts";
import type { Place } from "./diagnostic.ts";
import type { Evaluation } from "./evaluation.ts";
import { explainThrown } from "./explain-thrown.ts";
import type { Fault } from "./fault.ts";
import { toPlainData } from "./plain-data.ts";
import { readValue } from "./read-value.ts";

// Taken before the configuration runs, which may change what is global.
const { stringify } = JSON;

/** The channel to the parent: see evaluate.ts. */
const ANSWER = 3;

/**
 * Evaluates a configuration file in this very process, tells the parent what came of it, and ends.
 * @param file Absolute, its symbolic links resolved.
 */
export async function evaluateHere(file: string): Promise<never> {
  const { defineConfig, defineProviders, defineCombos, defineFilter, provider, secret } = config;
  Bun.plugin({
    name: "omni",
    setup: (build) =>
      void build.module("omni", () => ({
        exports: { defineConfig, defineProviders, defineCombos, defineFilter, provider, secret },
        loader: "object",
      })),
  });
  const own = new Set(Object.keys(require.cache));
  const answer = await evaluation(file, () => [
    ...new Set([file, ...Object.keys(require.cache).filter((key) => !own.has(key) && key.startsWith("/"))]),
  ]);
  writeWhole(`${stringify(answer)}\n`);
  process.exit(0);
}

async function evaluation(file: string, files: () => string[]): Promise<Evaluation> {
  try {
    const value = await readValue(file);
    const places: Record<string, Place> = {};
    const faults: Fault[] = [];
    const data = toPlainData(value, places, faults);
    if (faults.length > 0) return { ok: false, diagnostics: [], faults, files: files() };
    return { ok: true, value: data, places, files: files() };
  } catch (thrown) {
    // Bun gathers several syntax errors in one.
    const errors: unknown[] = thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors : [thrown];
    return { ok: false, diagnostics: errors.map((error) => explainThrown(error, file)), faults: [], files: files() };
  }
}

/** Writes all of it, though the channel may take it in pieces only. */
function writeWhole(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(ANSWER, bytes, written);
    } catch (error) {
      // The parent reads on; there is nothing else to do here meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
