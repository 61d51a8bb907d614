import type { ChatEvent } from "../../ir/chat-events.ts";
import { bag } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import type { JsonObject } from "../../ir/json.ts";
import { type Fields, textOf } from "../fields.ts";
import { stemOf } from "../ids.ts";
import { failureWithin } from "../provider-error.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { CandidateReader } from "./decode-candidate.ts";
import { decodeTier, decodeUsage } from "./usage.ts";

const KNOWN = new Set(["candidates", "usageMetadata", "modelVersion", "responseId", "createTime", "error"]);

/** Reads an answer, in one piece or in many: a stream is made of the same objects as a whole answer. */
export class AnswerReader {
  readonly #candidates: CandidateReader[] = [];
  #isStarted = false;
  #id = "";
  #serviceTier: string | undefined;
  #blocked: Fields | undefined;
  #rest: JsonObject | undefined;

  /** @throws {OmniError} If it is an error, or not what the format says. */
  read(piece: Fields, out: ChatEvent[]): void {
    if (piece.has("error")) throw failureWithin(new TextEncoder().encode(textOf({ error: piece.json["error"] }, "error", piece.fault)));
    if (!this.#isStarted) this.#start(piece, out);
    const feedback = piece.objectMaybe("promptFeedback");
    if (feedback?.has("blockReason")) this.#blocked = feedback;
    const rest = piece.rest(KNOWN);
    if (rest !== undefined) this.#rest = { ...this.#rest, ...rest };
    for (const candidate of piece.objectsMaybe("candidates") ?? []) this.#candidate(candidate).read(candidate, out);
    const usage = piece.objectMaybe("usageMetadata");
    if (usage === undefined) return;
    const tier = usage.stringMaybe("serviceTier");
    if (tier !== undefined) this.#serviceTier = decodeTier(tier);
    out.push({ type: "usage", usage: decodeUsage(usage) });
  }

  /** Whether every candidate has its reason to finish, or the question was refused, which has no candidates. */
  get isFinished(): boolean {
    const candidates = this.#candidates.filter((candidate) => candidate !== undefined);
    return candidates.length === 0 ? this.#blocked !== undefined : candidates.every((candidate) => candidate.isFinished);
  }

  /** Ends what is open; only called when `isFinished`. @throws {OmniError} If there is nothing in it that could be used. */
  end(out: ChatEvent[]): void {
    for (const candidate of this.#candidates) candidate?.end(out);
    if (this.#candidates.length === 0 && this.#blocked !== undefined) refuse(this.#blocked, out);
    const bags = bag(WIRE, this.#rest);
    out.push({ type: "end", ...(this.#serviceTier !== undefined && { serviceTier: this.#serviceTier }), ...(bags && { bags }) });
  }

  #start(piece: Fields, out: ChatEvent[]): void {
    this.#isStarted = true;
    // Ids of calls are made of it, so that one that is missing must not be the same for all answers.
    this.#id = piece.stringMaybe("responseId") ?? `gen-${Bun.hash.xxHash64(textOf(piece.json, "", piece.fault)).toString(36)}`;
    const createdMs = Date.parse(piece.stringMaybe("createTime") ?? "");
    out.push({
      type: "start",
      id: this.#id,
      model: piece.stringMaybe("modelVersion") ?? "",
      ...(!Number.isNaN(createdMs) && { createdS: Math.floor(createdMs / 1000) }),
    });
  }

  #candidate(candidate: Fields): CandidateReader {
    const index = candidate.numberMaybe("index") ?? 0;
    // A made-up index must not make us hold a list of a billion holes.
    if (!Number.isInteger(index) || index < 0 || index > 128) throw candidate.wrong("index", "a small whole number");
    this.#candidates[index] ??= new CandidateReader(index, (call) => `call_${stemOf(this.#id)}_${index}_${call}`);
    return this.#candidates[index];
  }
}

/** The question itself was refused: that is an answer without words, or with those of the refusal. */
function refuse(feedback: Fields, out: ChatEvent[]): void {
  const at = { choice: 0, part: 0 };
  const text = feedback.stringMaybe("blockReasonMessage");
  if (text !== undefined && text !== "") {
    out.push({ type: "part-start", ...at, content: { type: "refusal", text: "" } });
    out.push({ type: "text-delta", ...at, text });
    out.push({ type: "part-end", ...at });
  }
  const raw = feedback.json["blockReason"];
  out.push({ type: "finish", choice: 0, finish: { reason: "refusal", ...(typeof raw === "string" && { raw }) } });
}

/** What is said of an answer that has no end. */
export function unfinished(): OmniError {
  return new OmniError("upstream_truncated", "The provider's answer broke off: `finishReason` never came.");
}
