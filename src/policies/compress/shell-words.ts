/** One program of a command line with its arguments, as the shell would start it. */
export interface Stage {
  readonly words: readonly string[];
  /** Its output goes into a file, so that nothing of it is in the result. */
  readonly hidden: boolean;
}

/** Programs joined by `|`. */
export type Pipeline = readonly Stage[];

/** A longer text is no command that a person or a model would type, but a program. */
const COMMAND_CHARS_MAX = 16_384;

/**
 * Splits a command line as a POSIX shell would, as far as is needed to know which programs print: quotes, lists, pipes, redirections, comments
 * and here-documents. Substitutions stay as they are written. Linear in the length of the text.
 */
export function readShell(text: string): Pipeline[] {
  return text.length > COMMAND_CHARS_MAX ? [] : new ShellReader(text).read();
}

class ShellReader {
  private readonly text: string;
  private at = 0;
  private readonly pipelines: Stage[][] = [];
  private stages: Stage[] = [];
  private words: string[] = [];
  private hidden = false;
  /** Ends of here-documents that begin after the next line break. */
  private heredocs: string[] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): Pipeline[] {
    while (this.at < this.text.length) this.step();
    this.endPipeline();
    return this.pipelines;
  }

  private step(): void {
    const char = this.text[this.at] ?? "";
    if (char === " " || char === "\t" || char === "\r") this.at++;
    else if (char === "\n") this.endLine();
    else if (char === "#") this.at = this.lineEnd();
    else if (char === ";" || char === "(" || char === ")") this.operator(1);
    else if (char === "&") this.ampersand();
    else if (char === "|") this.bar();
    else if (char === "<" || char === ">") this.redirect("");
    else this.word();
  }

  private lineEnd(): number {
    const end = this.text.indexOf("\n", this.at);
    return end === -1 ? this.text.length : end;
  }

  private endLine(): void {
    this.endPipeline();
    this.at++;
    for (const end of this.heredocs) {
      while (this.at < this.text.length) {
        const lineEnd = this.lineEnd();
        const line = this.text.slice(this.at, lineEnd);
        this.at = lineEnd + 1;
        if (line.trim() === end) break;
      }
    }
    this.heredocs = [];
  }

  private operator(length: number): void {
    this.endPipeline();
    this.at += length;
  }

  private ampersand(): void {
    if (this.text[this.at + 1] === ">") {
      this.at++;
      this.redirect("&");
    } else this.operator(this.text[this.at + 1] === "&" ? 2 : 1);
  }

  private bar(): void {
    const next = this.text[this.at + 1];
    if (next === "|") this.operator(2);
    else {
      this.endStage();
      this.at += next === "&" ? 2 : 1;
    }
  }

  /** @param from The file descriptor that is written before the sign, or nothing. */
  private redirect(from: string): void {
    const reads = this.text[this.at] === "<";
    const start = this.at;
    while (this.text[this.at] === "<" || this.text[this.at] === ">") this.at++;
    const sign = this.text.slice(start, this.at);
    if (this.text[this.at] === "&" || this.text[this.at] === "-") this.at++;
    while (this.text[this.at] === " ") this.at++;
    const target = this.readWord();
    if (sign === "<<") this.heredocs.push(target.replace(/^-/, ""));
    if (!reads && from !== "2" && !/^[12]$/.test(target)) this.hidden = true;
  }

  private word(): void {
    const word = this.readWord();
    const next = this.text[this.at];
    if (/^\d$/.test(word) && (next === ">" || next === "<")) this.redirect(word);
    else this.words.push(word);
  }

  private readWord(): string {
    let word = "";
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? "";
      if (/[\s;&|<>()]/.test(char)) break;
      this.at++;
      if (char === "'") word += this.until("'");
      else if (char === '"') word += this.doubleQuoted();
      else if (char === "\\") word += this.escaped();
      else if (char === "`") word += `\`${this.until("`")}\``;
      else if (char === "$" && this.text[this.at] === "(") word += `$${this.substitution()}`;
      else word += char;
    }
    return word;
  }

  private until(end: string): string {
    const start = this.at;
    const found = this.text.indexOf(end, start);
    this.at = found === -1 ? this.text.length : found + 1;
    return this.text.slice(start, found === -1 ? undefined : found);
  }

  private doubleQuoted(): string {
    let quoted = "";
    while (this.at < this.text.length) {
      const char = this.text[this.at++] ?? "";
      if (char === '"') break;
      quoted += char === "\\" && /["\\$`\n]/.test(this.text[this.at] ?? "") ? this.escaped() : char;
    }
    return quoted;
  }

  private escaped(): string {
    const char = this.text[this.at++] ?? "";
    return char === "\n" ? "" : char;
  }

  private substitution(): string {
    const start = this.at;
    let depth = 0;
    do {
      const char = this.text[this.at++];
      if (char === "(") depth++;
      if (char === ")") depth--;
    } while (depth > 0 && this.at < this.text.length);
    return this.text.slice(start, this.at);
  }

  private endStage(): void {
    if (this.words.length > 0) this.stages.push({ words: this.words, hidden: this.hidden });
    this.words = [];
    this.hidden = false;
  }

  private endPipeline(): void {
    this.endStage();
    if (this.stages.length > 0) this.pipelines.push(this.stages);
    this.stages = [];
  }
}
