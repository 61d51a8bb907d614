import type { Cap, Drop, DropSpan, Filter, Span } from "./filter.ts";
import { type Invocation, positionalsOf } from "./invocation.ts";
import { compileLines } from "./line-pattern.ts";

/** A span with its patterns made into matchers. Without `to` it ends at a blank line. */
export interface CompiledSpan {
  readonly from: RegExp;
  readonly to: RegExp | undefined;
  readonly linesMax: number;
}

/** A filter whose patterns are matchers. */
export interface CompiledFilter {
  readonly id: string;
  readonly signs: readonly RegExp[];
  readonly runsOthers: boolean;
  /** Matches whatever `keep`, `once`, a drop or the beginning of a span matches. */
  readonly any: RegExp;
  readonly keep: RegExp | undefined;
  readonly keepSpans: readonly CompiledSpan[];
  readonly drops: readonly { readonly what: string; readonly lines: RegExp; readonly unlessMost: boolean }[];
  readonly dropSpans: readonly (CompiledSpan & { readonly what: string })[];
  readonly once: RegExp | undefined;
  readonly thin: { readonly what: string; readonly lines: RegExp; readonly aboveLines: number; readonly beside: number } | undefined;
  readonly cap: Cap;
  readonly lineCharsMax: number;
}

const CAP: Cap = { lines: 400, head: 120, tail: 200 };

/** @throws {PatternFault} If a pattern is not linear. */
export function compileFilter(filter: Filter): CompiledFilter {
  return {
    id: filter.id,
    signs: (filter.signs ?? []).map((sign) => matcher([sign])),
    runsOthers: filter.runsOthers ?? false,
    any: matcher(meaningful(filter)),
    keep: compileLines(filter.keep),
    keepSpans: (filter.keepSpans ?? []).map(compileSpan),
    drops: (filter.drop ?? []).map(({ what, lines, unlessMost }) => ({ what, lines: matcher(lines), unlessMost: unlessMost ?? false })),
    dropSpans: (filter.dropSpans ?? []).map((span) => ({ ...compileSpan(span), what: span.what })),
    once: compileLines(filter.once),
    thin: filter.thin && { ...filter.thin, lines: matcher(filter.thin.lines) },
    cap: filter.cap ?? CAP,
    lineCharsMax: filter.lineCharsMax ?? Number.POSITIVE_INFINITY,
  };
}

function meaningful({ keep = [], once = [], drop = [], keepSpans = [], dropSpans = [] }: Filter): string[] {
  return [...keep, ...once, ...drop.flatMap(({ lines }) => lines), ...[...keepSpans, ...dropSpans].flatMap(({ from }) => from)];
}

function compileSpan({ from, to, linesMax }: Span): CompiledSpan {
  return { from: matcher(from), to: compileLines(to), linesMax: linesMax ?? 60 };
}

/** Matches nothing where there is no pattern. */
function matcher(patterns: readonly string[]): RegExp {
  return compileLines(patterns) ?? /[^\s\S]/;
}

interface CommandRow {
  readonly filter: Filter;
  /** Words that must follow the program, in order. */
  readonly verbs: readonly string[];
  readonly flags: readonly string[];
}

/** How many joins of filters are remembered: no more can be made by commands that are told from each other by whoever sends them. */
const JOINED_MAX = 64;

/** Filters, found by the command that they are for. Those that come first count for more. Immutable in all that can be seen of it. */
export class FilterSet {
  readonly filters: readonly Filter[];
  /** Matches whatever is a sign of any filter. */
  readonly anySign: RegExp;
  private readonly byId = new Map<string, CompiledFilter>();
  private readonly commands = new Map<string, CommandRow[]>();
  private readonly scripts = new Map<string, CommandRow[]>();
  private readonly joined = new Map<string, CompiledFilter>();

  /** @throws {PatternFault} If a pattern of a filter is not linear. A filter hides those of the same id that come later. */
  constructor(filters: readonly Filter[]) {
    this.filters = filters.filter((filter, index) => filters.findIndex(({ id }) => id === filter.id) === index);
    this.anySign = matcher(this.filters.flatMap(({ signs }) => signs ?? []));
    for (const filter of this.filters) {
      this.byId.set(filter.id, compileFilter(filter));
      for (const command of filter.commands ?? []) addRow(this.commands, command, filter);
      for (const command of filter.scripts ?? []) addRow(this.scripts, command, filter);
    }
  }

  /** The filter of that name. */
  get(id: string): CompiledFilter | undefined {
    return this.byId.get(id);
  }

  /** All of them, in order of preference. */
  all(): IterableIterator<CompiledFilter> {
    return this.byId.values();
  }

  /** The filter whose output this is for certain. The one that names more words of the command wins. */
  forCommand(invocation: Invocation): CompiledFilter | undefined {
    const row = bestRow(this.commands, invocation);
    return row && this.byId.get(row.filter.id);
  }

  /** Filters whose tool the command may have run. */
  forScript({ words }: Invocation): CompiledFilter[] {
    const [program = ""] = words;
    const rows = (this.scripts.get(program) ?? []).filter((row) => fits(row, words));
    return rows.flatMap(({ filter }) => this.byId.get(filter.id) ?? []);
  }

  /** One filter for the output of several commands, one after the other: what any of them keeps is kept. Nothing that depends on length is done. */
  join(ids: readonly string[]): CompiledFilter | undefined {
    if (ids.length < 2) return this.byId.get(ids[0] ?? "");
    const id = ids.join("+");
    const known = this.joined.get(id);
    if (known !== undefined) return known;
    const joined = compileFilter(
      joinFilters(
        id,
        this.filters.filter((filter) => ids.includes(filter.id)),
      ),
    );
    if (this.joined.size < JOINED_MAX) this.joined.set(id, joined);
    return joined;
  }
}

function joinFilters(id: string, filters: readonly Filter[]): Filter {
  return {
    id,
    summary: "",
    keep: filters.flatMap((filter) => filter.keep ?? []),
    keepSpans: filters.flatMap((filter): readonly Span[] => filter.keepSpans ?? []),
    drop: filters.flatMap((filter): readonly Drop[] => filter.drop ?? []),
    dropSpans: filters.flatMap((filter): readonly DropSpan[] => filter.dropSpans ?? []),
    cap: { lines: 1200, head: 500, tail: 600 },
    samples: [],
  };
}

function addRow(table: Map<string, CommandRow[]>, command: string, filter: Filter): void {
  const [program = "", ...words] = command.split(" ");
  const rows = table.get(program) ?? [];
  if (rows.length === 0) table.set(program, rows);
  const [verbs, flags] = [words.filter((word) => !word.startsWith("-")), words.filter((word) => word.startsWith("-"))];
  rows.push({ filter, verbs, flags });
}

function bestRow(table: ReadonlyMap<string, CommandRow[]>, { words }: Invocation): CommandRow | undefined {
  let best: CommandRow | undefined;
  for (const row of table.get(words[0] ?? "") ?? []) {
    const isMore = best === undefined || row.verbs.length + row.flags.length > best.verbs.length + best.flags.length;
    if (isMore && fits(row, words)) best = row;
  }
  return best;
}

function fits({ verbs, flags }: CommandRow, [program = "", ...args]: readonly string[]): boolean {
  const given = verbs.length === 0 ? [] : positionalsOf(program, args);
  return verbs.every((verb, index) => given[index] === verb) && flags.every((flag) => args.includes(flag));
}
