import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import type { Opaque } from "../../ir/chat-parts.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Fields } from "../fields.ts";
import { argumentsOf, decodeThoughtSignature } from "./decode-messages.ts";

/** What a reader of calls needs of the choice it belongs to. */
interface CallOwner {
  readonly choice: number;
  /** Makes the id of the n-th call, for providers that give none. */
  idOf(call: number): string;
  startPart(content: PartStart, out: ChatEvent[]): number;
}

/** A call while it comes in. */
interface Call {
  id: string;
  name: string;
  custom: boolean;
  /** All of its arguments so far. */
  text: string;
  /** What of them has not been told yet. Kept apart, for slicing a text that grows would copy it every time. */
  pending: string;
  /** Undefined until the id and the whole name are known. */
  part: number | undefined;
  opaque: Opaque | undefined;
  ended: boolean;
}

/**
 * Reads `tool_calls` of deltas. Providers number them, or do not (Mistral); repeat id and name with every piece (Baseten), or send names in
 * pieces; number all calls 0 (Gemini's compatible endpoint). Arguments of several calls may come interleaved.
 */
export class CallReader {
  readonly #owner: CallOwner;
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();

  constructor(owner: CallOwner) {
    this.#owner = owner;
  }

  /** Takes one entry of `tool_calls`. */
  read(entry: Fields, out: ChatEvent[]): void {
    const custom = entry.objectMaybe("custom");
    const called = custom ?? entry.objectMaybe("function");
    const name = called?.stringMaybe("name") ?? "";
    const call = this.#callOf(entry, name, out);
    call.custom ||= custom !== undefined;
    call.opaque ??= decodeThoughtSignature(entry);
    if (call.part === undefined && name !== "" && name !== call.name) call.name += name;
    const text = custom ? (custom.stringMaybe("input") ?? "") : called ? argumentsOf(called) : "";
    if (text === "") return;
    if (call.ended) {
      refuseMore(text);
      return;
    }
    call.text += text;
    call.pending += text;
    if (call.name !== "") this.#tell(call, out);
  }

  /** Called when something else begins: ends calls that can not go on, since their arguments are a whole value, so that nothing waits for them. */
  closeComplete(out: ChatEvent[], but?: Call): void {
    for (const call of this.#calls) {
      if (call === but || call.ended) continue;
      // Its name is complete now, and it keeps its place before what comes.
      if (call.part === undefined && call.name !== "") this.#tell(call, out);
      if (!call.custom && isWholeJson(call.text)) this.#end(call, out);
    }
  }

  /** Ends all calls. @throws {OmniError} If one has arguments and no name. */
  end(out: ChatEvent[]): void {
    for (const call of this.#calls) {
      if (call.ended) continue;
      if (call.name === "") throw new OmniError("upstream_invalid", "The provider's answer is invalid: a tool call has no name.");
      this.#end(call, out);
    }
  }

  #callOf(entry: Fields, name: string, out: ChatEvent[]): Call {
    const id = entry.stringMaybe("id") ?? "";
    const index = entry.numberMaybe("index");
    const known = index === undefined ? this.#calls.findLast((call) => id === "" || call.id === id) : this.#byIndex.get(index);
    const isOther = known !== undefined && id !== "" && known.id !== "" && known.id !== id && name !== "";
    if (known !== undefined && !isOther) {
      if (known.part === undefined && known.id === "") known.id = id;
      return known;
    }
    const call: Call = { id, name: "", custom: false, text: "", pending: "", part: undefined, opaque: undefined, ended: false };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    this.closeComplete(out, call);
    return call;
  }

  #tell(call: Call, out: ChatEvent[]): void {
    const { choice } = this.#owner;
    const { name, custom } = call;
    if (call.part === undefined) {
      if (call.id === "") call.id = this.#owner.idOf(this.#calls.indexOf(call));
      call.part = this.#owner.startPart(
        { type: "tool-call", id: call.id, name, argumentsJson: "", ...(custom && { kind: "custom" }) },
        out,
      );
    }
    const json = call.pending;
    call.pending = "";
    if (json !== "") out.push({ type: "arguments-delta", choice, part: call.part, json });
  }

  #end(call: Call, out: ChatEvent[]): void {
    this.#tell(call, out);
    call.ended = true;
    const part = call.part ?? 0; // `tell` has just set it.
    if (call.opaque !== undefined) out.push({ type: "opaque", choice: this.#owner.choice, part, opaque: call.opaque });
    out.push({ type: "part-end", choice: this.#owner.choice, part });
  }
}

/** Tried once per call, when the next one begins; never per piece. */
function isWholeJson(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // It goes on; that is an answer, not a failure.
  }
}

function refuseMore(text: string): void {
  if (text.trim() === "") return;
  throw new OmniError("upstream_invalid", "The provider's answer is invalid: a tool call went on after its arguments were complete.");
}
