import type { CompiledFilter, FilterSet } from "./filter-set.ts";
import { type Invocation, invocationsOf } from "./invocation.ts";
import { probe } from "./lines.ts";
import { isShellName, type ToolCall } from "./tool-call.ts";

/** What is done with a result, and why. */
export interface Choice {
  /** Undefined: nothing is left out but the repeats of a line, and those only from long results. */
  readonly filter: CompiledFilter | undefined;
  /** A sentence's end for people: `the command is "git diff"`. */
  readonly why: string;
}

/** The filter for output of commands that no other filter knows. */
export const GENERIC_ID = "generic-output";
/** Signs of a stack trace stand in the output of many tools, so that they count for less than those of one tool. */
const TRACE_ID = "error-stacktrace";

/** Signs are looked for in so many lines from the beginning, and as many from the end. */
const SIGN_LINES = 40;

/** Chooses by the command if it is known, otherwise by two signs that stand on different lines. */
export function chooseFilter(lines: readonly string[], call: ToolCall, set: FilterSet): Choice {
  if (call.command === undefined) {
    const isOther = call.name !== undefined && !isShellName(call.name);
    if (isOther) return { filter: undefined, why: `the tool "${call.name}" is no shell` };
    const found = bySigns(lines, set, [], 2);
    return {
      filter: found,
      why: found === undefined ? "no command is known, and no two signs agree" : "two signs say so, without a command",
    };
  }
  const invocations = invocationsOf(call.command);
  if (invocations.some(({ kind }) => kind === "read")) return { filter: undefined, why: "the command shows a file" };
  if (invocations.length === 0) return byContent(lines, set, invocations);
  const known = invocations.map((invocation) => set.forCommand(invocation));
  const ids = [...new Set(known.flatMap((filter) => filter?.id ?? []))];
  if (ids.length === 0) return byContent(lines, set, invocations);
  const filter = set.join(ids);
  if (filter?.runsOthers === true) {
    const other = bySigns(lines, set, [], 2);
    if (other !== undefined && other.id !== TRACE_ID)
      return { filter: other, why: `two signs say so, and "${invocations[0]?.words[0]}" runs others` };
  }
  return { filter, why: `the command is "${spell(invocations)}"` };
}

function byContent(lines: readonly string[], set: FilterSet, invocations: readonly Invocation[]): Choice {
  const likely = invocations.flatMap((invocation) => set.forScript(invocation));
  const found = bySigns(lines, set, likely, likely.length > 0 ? 1 : 2);
  if (found !== undefined)
    return { filter: found, why: likely.includes(found) ? "the command may run it, and a sign agrees" : "two signs say so" };
  return { filter: set.get(GENERIC_ID), why: "the command has no filter of its own" };
}

function spell(invocations: readonly Invocation[]): string {
  return invocations.map(({ words }) => words.slice(0, 3).join(" ")).join(" && ");
}

/**
 * The filter that more signs speak for than for any other.
 *
 * @param likely Filters for which `enough` signs suffice; all others need two.
 */
function bySigns(lines: readonly string[], set: FilterSet, likely: readonly CompiledFilter[], enough: number): CompiledFilter | undefined {
  const looked = lines.length <= 2 * SIGN_LINES ? lines : [...lines.slice(0, SIGN_LINES), ...lines.slice(-SIGN_LINES)];
  const probes = looked.map(probe).filter((line) => set.anySign.test(line));
  if (probes.length < enough) return undefined;
  let best: CompiledFilter | undefined;
  let bestScore = 0;
  for (const filter of set.all()) {
    const isLikely = likely.includes(filter);
    const count = countSigns(probes, filter);
    if (count < (isLikely ? enough : 2)) continue;
    // A stack trace loses against any tool; a tool that the command names wins against others with as many signs.
    const score = filter.id === TRACE_ID ? 0.5 : count + (isLikely ? 0.5 : 0);
    if (score === bestScore && best !== undefined && !isLikely) best = undefined;
    else if (score > bestScore) best = filter;
    bestScore = Math.max(score, bestScore);
  }
  return best;
}

/** How many of a filter's signs are there, each on a line of its own. */
function countSigns(probes: readonly string[], { signs }: CompiledFilter): number {
  const taken = new Set<number>();
  for (const sign of signs) {
    const line = probes.findIndex((each, index) => sign.test(each) && !taken.has(index));
    if (line !== -1) taken.add(line);
  }
  return taken.size;
}
