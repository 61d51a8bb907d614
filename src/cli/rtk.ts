import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { styleText } from "node:util";
import { findConfig, loadConfig } from "../config/load.ts";
import { compress, type Examination, examine, type ResultContext } from "../policies/compress/compress.ts";
import { DEFAULT_FILTERS } from "../policies/compress/compress-body.ts";
import { FilterSet } from "../policies/compress/filter-set.ts";
import { FILTERS } from "../policies/compress/filters/index.ts";
import { KEPT, PLAIN } from "../policies/compress/judge.ts";
import type { Command, CommandInput } from "./command.ts";
import { drawTable } from "./table.ts";

/** `omni rtk`. */
export const command: Command = {
  name: "rtk",
  summary: "Compress the output of a tool as the gateway would, or explain line by line what stays and why.",
  args: "[file]",
  flags: {
    explain: { type: "boolean", summary: "Show every line with what becomes of it." },
    command: {
      type: "string",
      value: "COMMAND",
      summary: "What printed it, such as 'git diff'. Default: unknown, so that its content decides.",
    },
    tool: { type: "string", value: "NAME", summary: "The tool that gave it. Default: a shell, if a command is given." },
    config: {
      type: "string",
      value: "FILE",
      summary: "The configuration whose filters go first. Default: the one in this folder, if there is one.",
    },
    list: { type: "boolean", summary: "Show all filters and their commands instead." },
    json: { type: "boolean", summary: "Print JSON alone." },
  },
  examples: ["omni rtk --explain output.txt", "omni rtk --command=jest --explain output.txt", "omni rtk --list"],
  run: async (input) => {
    const filters = await filtersFor(input);
    if (filters === undefined) return 1;
    if (input.flags["list"] === true) return list(filters, input.flags["json"] === true);
    const text = readText(input.args[0]);
    if (text === undefined) return 1;
    if (input.flags["explain"] === true) explain(text, contextOf(input), filters, input.flags["json"] === true);
    else write(text, contextOf(input), filters, input.flags["json"] === true);
    return 0;
  },
};

/** The operator's filters and those that come with Omni. @returns undefined if the configuration does not hold; then it has been said. */
async function filtersFor({ flags }: CommandInput): Promise<FilterSet | undefined> {
  const file = typeof flags["config"] === "string" ? resolve(flags["config"]) : findConfig();
  if (file === undefined) return DEFAULT_FILTERS;
  const loaded = await loadConfig({ file });
  if (!loaded.ok) {
    console.error("Cannot use the filters of the configuration: it does not hold. See what is wrong with: omni check");
    return undefined;
  }
  const own = loaded.data.policies?.rtk?.filters ?? [];
  return own.length === 0 ? DEFAULT_FILTERS : new FilterSet([...own, ...FILTERS]);
}

function contextOf({ flags }: CommandInput): ResultContext {
  const { command: line, tool } = flags;
  const name = typeof tool === "string" ? tool : typeof line === "string" ? "shell" : undefined;
  return { ...(typeof line === "string" ? { command: line } : {}), ...(name === undefined ? {} : { name }) };
}

/** @returns Undefined if there is nothing to read; then it has been said. */
function readText(file: string | undefined): string | undefined {
  if (file === undefined && process.stdin.isTTY) {
    console.error("Cannot compress nothing: give a file, or pipe the output in: git diff | omni rtk --explain");
    return undefined;
  }
  try {
    return readFileSync(file ?? 0, "utf8");
  } catch (error) {
    console.error(`Cannot read ${file ?? "the input"}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function write(text: string, context: ResultContext, filters: FilterSet, json: boolean): void {
  const shorter = compress(text, context, filters);
  if (json) console.log(JSON.stringify({ format: 1, ...(shorter ?? { text, filter: null, ...sameBytes(text), droppedLines: 0 }) }));
  else process.stdout.write(shorter?.text ?? text);
}

function sameBytes(text: string): { bytesBefore: number; bytesAfter: number } {
  const bytes = Buffer.byteLength(text);
  return { bytesBefore: bytes, bytesAfter: bytes };
}

function explain(text: string, context: ResultContext, filters: FilterSet, json: boolean): void {
  const bytes = Buffer.byteLength(text);
  const examination = examine(text, bytes, context, filters);
  const shorter = compress(text, context, filters);
  const rows = verdictsOf(examination);
  const filter = examination.filter?.id ?? null;
  if (json) {
    const { text: _, ...sizes } = shorter ?? { text, ...sameBytes(text), droppedLines: 0 };
    console.log(JSON.stringify({ format: 1, ...sizes, filter, why: examination.why, lines: rows }));
    return;
  }
  for (const { verdict, reason, line } of rows)
    console.log(`${SIGNS[verdict]} ${line}${reason === "" ? "" : styleText("dim", `  (${reason})`)}`);
  console.log(`\nFilter: ${filter ?? "none"}, because ${examination.why}.`);
  if (shorter === undefined)
    console.log(`Nothing changes: ${bytes} bytes stay as they are, since there is too little to win or it must not be touched.`);
  else {
    const saved = Math.round(100 * (1 - shorter.bytesAfter / bytes));
    console.log(
      `${bytes} bytes become ${shorter.bytesAfter} (${saved} % less); ${shorter.droppedLines} lines go. "!" stays always, "-" goes.`,
    );
  }
}

const SIGNS = { always: "!", stays: " ", goes: "-" } as const;

interface LineVerdict {
  readonly verdict: keyof typeof SIGNS;
  readonly reason: string;
  readonly line: string;
}

function verdictsOf({ lines, judgement }: Examination): LineVerdict[] {
  return lines.texts.map((line, index) => {
    const verdict = judgement?.verdicts[index] ?? PLAIN;
    if (verdict === KEPT) return { verdict: "always", reason: "", line };
    if (verdict === PLAIN) return { verdict: "stays", reason: "", line };
    return { verdict: "goes", reason: judgement?.reasons[verdict] || "beyond the cap", line };
  });
}

function list({ filters }: FilterSet, json: boolean): number {
  const rows = filters.map(({ id, summary, commands = [] }) => ({ id, summary, commands }));
  if (json) console.log(JSON.stringify({ format: 1, filters: rows }));
  else {
    const cells = rows.map(({ id, summary, commands }) => [id, commands.slice(0, 3).join(", "), summary]);
    console.log(drawTable([{ title: "filter" }, { title: "commands" }, { title: "what it does" }], cells));
  }
  return 0;
}
