import type { Clock, Timer } from "../world/clock.ts";

/** How grave a line is. */
export type LogLevel = "info" | "warn" | "error";

/** What a line says besides its event. Values never come from a prompt, an answer or a secret; what clients chose is escaped. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One answered request. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Until the head of the answer; a stream goes on after it. */
  readonly headMs: number;
  readonly requestId: string;
  readonly target: string | undefined;
  readonly attempts: string | undefined;
}

/** Where the gateway tells what happens to it. */
export interface Log {
  /** @param event What happened, in a few words that stay the same: one can search for it. */
  write(level: LogLevel, event: string, fields?: LogFields): void;
  /** On the hot path when requests are logged: builds one string. */
  request(line: RequestLine): void;
  /** Writes out what is held back. For the end of the process. */
  flush(): void;
}

/** How and where lines are written. */
export interface LogOptions {
  readonly format: "json" | "pretty";
  readonly clock: Clock;
  /** Takes whole lines. */
  write(text: string): void;
  /** Takes secrets out of a line. Not asked of lines of requests, which hold nothing that could be one. Default: leaves it as it is. */
  readonly redact?: (line: string) => string;
  /** Whether pretty lines are coloured. Default false. */
  readonly colour?: boolean;
}

// A write is a system call; lines are gathered for this long, or until there is this much of them. Warnings and errors go out at once.
const HOLD_MS = 50;
const HOLD_CHARS_MAX = 16_384;

/** Opens a log. */
export function createLog(options: LogOptions): Log {
  const { clock, redact = (line) => line } = options;
  let held = "";
  let timer: Timer | undefined;
  const flush = (): void => {
    if (timer !== undefined) clock.cancelTimer(timer);
    timer = undefined;
    if (held === "") return;
    const text = held;
    held = "";
    options.write(text);
  };
  const hold = (line: string): void => {
    held += line;
    if (held.length > HOLD_CHARS_MAX) flush();
    else timer ??= clock.startTimer(HOLD_MS, flush);
  };
  const formatLine = options.format === "json" ? jsonLine : (options.colour ?? false) ? colouredLine : prettyLine;
  return {
    write(level, event, fields = {}) {
      hold(redact(formatLine(clock.epochMs(), level, event, fields)));
      if (level !== "info") flush();
    },
    request(line) {
      const level = line.status >= 500 ? "warn" : "info";
      const headMs = Math.round(line.headMs * 10) / 10;
      if (options.format === "json") hold(formatLine(clock.epochMs(), level, "request", { ...line, headMs }));
      else hold(formatLine(clock.epochMs(), level, sentenceOf(line, headMs), {}));
    },
    flush,
  };
}

type FormatLine = (epochMs: number, level: LogLevel, event: string, fields: LogFields) => string;

const jsonLine: FormatLine = (epochMs, level, event, fields) =>
  `${escapeControls(JSON.stringify({ time: new Date(epochMs).toISOString(), level, event, ...fields }))}\n`;

const MARKS = { info: " ", warn: "⚠", error: "✗" } as const;
const COLOURS = { info: "\x1b[2m", warn: "\x1b[33m", error: "\x1b[31m" } as const;

const prettyLine: FormatLine = (epochMs, level, event, fields) => {
  const words = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${wordOf(value)}`]));
  const time = new Date(epochMs).toISOString().slice(11, 19);
  return `${escapeControls(`${time} ${MARKS[level]} ${event}${words.length > 0 ? `  ${words.join(" ")}` : ""}`)}\n`;
};

// Colour is put around the escaped text: nothing in the text itself can move the cursor.
const colouredLine: FormatLine = (epochMs, level, event, fields) => {
  const line = prettyLine(epochMs, level, event, fields);
  return `${COLOURS[level]}${line.slice(0, 8)}\x1b[0m${level === "info" ? "" : COLOURS[level]}${line.slice(8, -1)}\x1b[0m\n`;
};

/** A request as a person reads it: `POST /v1/chat/completions 200 12.3 ms  openai/gpt-5.1  0192…`. */
function sentenceOf({ method, path, status, target, attempts, requestId }: RequestLine, headMs: number): string {
  const tries = attempts === undefined || attempts === "1" ? "" : ` (attempt ${attempts})`;
  return `${method} ${path} ${status} ${headMs} ms${target === undefined ? "" : `  ${target}${tries}`}  ${requestId}`;
}

function wordOf(value: string | number | boolean): string {
  return typeof value === "string" && /[\s="]/.test(value) ? JSON.stringify(value) : String(value);
}

/** Control characters, and those that turn the direction of writing around: a line stays one line and reads as it was written. */
function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
