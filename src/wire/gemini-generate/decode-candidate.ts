import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { type Finish, finishReasonFor } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import { type Fields, textOf } from "../fields.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { decodeCitations } from "./decode-citations.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { PartialArguments } from "./partial-arguments.ts";
import { decodeFinish, isSpoilt } from "./finish.ts";
import { decodeSignature } from "./signature.ts";
import { camelFields, camelList, camelObject } from "./spelling.ts";

const CANDIDATE = new Set(["content", "index", "finishReason", "logprobsResult", "tokenCount"]);
const TEXTLESS = new Set(["thought", "thoughtSignature"]);

/** The part of words that is open. */
interface OpenPart {
  readonly type: "text" | "reasoning";
  readonly part: number;
  /** Whether it has its signature, behind which more words are another part. */
  isSigned: boolean;
}

/** A call whose arguments come in pieces. */
interface OpenCall {
  readonly part: number;
  readonly args: PartialArguments;
}

/**
 * Reads one candidate: of a whole answer at once, of a streamed one piece by piece, of a history part by part. Pieces of text are to be
 * joined; what carries a signature stays a part of its own, with the signature as a reasoning without words before it.
 */
export class CandidateReader {
  readonly #choice: number;
  readonly #idOf: (call: number) => string;
  readonly #ids = new Set<string>();
  readonly #kinds: { readonly type: string }[] = [];
  #open: OpenPart | undefined;
  #call: OpenCall | undefined;
  #calls = 0;
  #text = "";
  #raw: string | undefined;
  #grounding: Fields | undefined;
  #rest: JsonObject | undefined;

  /** @param idOf Makes the id of the n-th call, if the provider gave it none. */
  constructor(choice: number, idOf: (call: number) => string) {
    this.#choice = choice;
    this.#idOf = idOf;
  }

  /** Whether its reason to finish has come. */
  get isFinished(): boolean {
    return this.#raw !== undefined;
  }

  /** @throws {OmniError} If it is not what the format says. */
  read(candidate: Fields, out: ChatEvent[]): void {
    let logprobs = candidate.has("logprobsResult") ? decodeLogprobs(candidate) : undefined;
    const content = candidate.objectMaybe("content");
    for (const part of content ? camelList(content, "parts") : []) {
      this.readPart(part, logprobs, out);
      if (isWords(part)) logprobs = undefined;
    }
    const raw = candidate.stringMaybe("finishReason");
    if (raw !== undefined && raw !== "FINISH_REASON_UNSPECIFIED") this.#raw ??= raw;
    const grounding = candidate.objectMaybe("groundingMetadata");
    if (grounding?.has("groundingSupports")) this.#grounding = grounding;
    const rest = candidate.rest(CANDIDATE);
    if (rest !== undefined) this.#keep(rest);
  }

  /** Takes one part. @param logprobs The probabilities of its words. */
  readPart(part: Fields, logprobs: readonly Json[] | undefined, out: ChatEvent[]): void {
    const signature = part.stringMaybe("thoughtSignature");
    const call = part.has("functionCall") ? camelObject(part, "functionCall") : undefined;
    if (call !== undefined) this.#readCall(call, signature, out);
    else if (part.has("text") || hasNothingElse(part)) {
      this.#endCall(out);
      const text = part.stringMaybe("text") ?? "";
      if (part.booleanMaybe("thought")) this.#readThought(text, signature, out);
      else this.#readText(text, signature, logprobs, out);
    } else {
      this.#close(out);
      this.#startPart({ type: "foreign", wire: WIRE, json: part.json }, out);
      out.push({ type: "part-end", choice: this.#choice, part: this.#kinds.length - 1, json: part.json });
    }
  }

  /** Ends what is open and says why it ended; an ordinary end if it never said. */
  end(out: ChatEvent[]): void {
    this.#endCall(out);
    if (this.#grounding !== undefined) this.#cite(this.#grounding, out);
    this.#close(out);
    if (isSpoilt(this.#raw) && this.#kinds.every(({ type }) => type === "reasoning")) throw spoilt(this.#raw);
    const finish: Finish = decodeFinish(this.#raw ?? "STOP", this.#rest);
    out.push({ type: "finish", choice: this.#choice, finish: { ...finish, reason: finishReasonFor(finish.reason, this.#kinds) } });
  }

  /** What is there and says nothing is left out. */
  #keep(rest: JsonObject): void {
    for (const [key, value] of Object.entries(rest)) {
      if (!isJsonObject(value) || Object.keys(value).length > 0) this.#rest = { ...this.#rest, [key]: value };
    }
  }

  #readThought(text: string, signature: string | undefined, out: ChatEvent[]): void {
    const opaque = signature === undefined ? undefined : decodeSignature(signature);
    // Another vendor's reasoning was streamed to the client as words and then their signature.
    const joins = text === "" && opaque !== undefined && opaque.issuer !== WIRE && this.#open?.type === "reasoning";
    if (text === "" && opaque === undefined) return;
    const open = joins && this.#open !== undefined ? this.#open : this.#openPart("reasoning", out);
    if (text !== "") out.push({ type: "reasoning-delta", choice: this.#choice, part: open.part, piece: 0, form: "summary", text });
    if (opaque === undefined) return;
    open.isSigned = true;
    out.push({ type: "opaque", choice: this.#choice, part: open.part, opaque });
  }

  #readText(text: string, signature: string | undefined, logprobs: readonly Json[] | undefined, out: ChatEvent[]): void {
    if (signature !== undefined) {
      this.#close(out);
      const part = this.#startPart({ type: "reasoning", texts: [] }, out);
      out.push({ type: "opaque", choice: this.#choice, part, opaque: decodeSignature(signature) });
      out.push({ type: "part-end", choice: this.#choice, part });
    }
    if (text === "" && logprobs === undefined) return;
    const open = this.#openPart("text", out);
    open.isSigned ||= signature !== undefined;
    this.#text += text;
    out.push({ type: "text-delta", choice: this.#choice, part: open.part, text, ...(logprobs && { logprobs }) });
  }

  #readCall(call: Fields, signature: string | undefined, out: ChatEvent[]): void {
    const pieces = call.objectsMaybe("partialArgs")?.map(camelFields) ?? [];
    const goesOn = call.booleanMaybe("willContinue") ?? false;
    if (this.#call === undefined || call.has("name")) this.#startCall(call, signature, goesOn || pieces.length > 0, out);
    for (const piece of pieces) this.#call?.args.add(piece);
    if (!goesOn) this.#endCall(out);
  }

  #startCall(call: Fields, signature: string | undefined, inPieces: boolean, out: ChatEvent[]): void {
    this.#close(out);
    const name = call.string("name");
    const part = this.#startPart({ type: "tool-call", id: this.#idFor(call), name, argumentsJson: "" }, out);
    if (signature !== undefined) out.push({ type: "opaque", choice: this.#choice, part, opaque: decodeSignature(signature) });
    if (call.has("args")) {
      const json = textOf(call.object("args").json, call.at("args"), call.fault);
      out.push({ type: "arguments-delta", choice: this.#choice, part, json });
    }
    if (inPieces) this.#call = { part, args: new PartialArguments() };
    else out.push({ type: "part-end", choice: this.#choice, part });
  }

  /** The provider's own id, if it is the only one of its kind. */
  #idFor(call: Fields): string {
    const made = this.#idOf(this.#calls++);
    const given = call.stringMaybe("id");
    const id = given && !this.#ids.has(given) ? given : made;
    this.#ids.add(id);
    return id;
  }

  #endCall(out: ChatEvent[]): void {
    const call = this.#call;
    if (call === undefined) return;
    this.#call = undefined;
    const json = call.args.json();
    if (json !== undefined) out.push({ type: "arguments-delta", choice: this.#choice, part: call.part, json });
    out.push({ type: "part-end", choice: this.#choice, part: call.part });
  }

  /** What supports the words is only told at the end, and counted from their beginning. */
  #cite(grounding: Fields, out: ChatEvent[]): void {
    const citations = decodeCitations(grounding, this.#text);
    if (citations.length === 0) return;
    const part = this.#open?.type === "text" ? this.#open.part : this.#openPart("text", out).part;
    for (const citation of citations) out.push({ type: "citation", choice: this.#choice, part, citation });
  }

  #openPart(type: OpenPart["type"], out: ChatEvent[]): OpenPart {
    if (this.#open?.type === type && !this.#open.isSigned) return this.#open;
    this.#close(out);
    const part = this.#startPart(type === "text" ? { type, text: "" } : { type, texts: [] }, out);
    this.#open = { type, part, isSigned: false };
    return this.#open;
  }

  #startPart(content: PartStart, out: ChatEvent[]): number {
    const part = this.#kinds.length;
    this.#kinds.push({ type: content.type });
    out.push({ type: "part-start", choice: this.#choice, part, content });
    return part;
  }

  #close(out: ChatEvent[]): void {
    this.#endCall(out);
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    out.push({ type: "part-end", choice: this.#choice, part: open.part });
  }
}

function isWords(part: Fields): boolean {
  return part.has("text") && part.json["thought"] !== true;
}

/** A signature may come alone. */
function hasNothingElse(part: Fields): boolean {
  return Object.keys(part.json).every((key) => TEXTLESS.has(key));
}

function spoilt(raw: string | undefined): OmniError {
  return new OmniError("upstream_failed", `The provider's model made an answer that can not be used (${raw}).`);
}
