import type { AssistantPart, TextPart, ToolOutputPart, ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import { bag, type Message } from "../../ir/chat.ts";
import { foldEvents } from "../../ir/fold-events.ts";
import type { ChatEvent } from "../../ir/chat-events.ts";
import { Fields, textOf } from "../fields.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { CandidateReader } from "./decode-candidate.ts";
import { decodeMedia } from "./decode-media.ts";
import { camelFields, camelList, camelObject } from "./spelling.ts";

const TEXT = new Set(["text", "thought", "thoughtSignature"]);
const RESULT = new Set(["id", "name", "response", "parts"]);

/** A call that has no answer yet. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** Reads `systemInstruction`: a content, or a plain text. */
export function decodeSystem(body: Fields): Message[] {
  if (!body.has("systemInstruction")) return [];
  const value = body.json["systemInstruction"];
  if (typeof value === "string") return [{ role: "system", parts: [{ type: "text", text: value }] }];
  const parts = camelList(camelObject(body, "systemInstruction")!, "parts"); // It was just found to be there.
  return parts.length === 0 ? [] : [{ role: "system", parts: parts.map(decodeText) }];
}

/** Reads `contents`. Neighbours that are the model's become one message: clients keep a streamed answer as the pieces that it came in. */
export function decodeContents(body: Fields): Message[] {
  const messages: Message[] = [];
  const open: OpenCall[] = [];
  let turn: Fields[] | undefined;
  let turnAt = 0;
  const closeTurn = (): void => {
    if (turn === undefined) return;
    const parts = decodeModelParts(turn, turnAt);
    for (const part of parts) if (part.type === "tool-call") open.push({ id: part.id, name: part.name });
    if (parts.length > 0) messages.push({ role: "assistant", parts });
    turn = undefined;
  };
  for (const [index, content] of contentsOf(body).entries()) {
    const role = content.stringMaybe("role") ?? "user";
    const parts = camelList(content, "parts");
    if (role === "model") {
      if (turn === undefined) turnAt = index;
      turn = [...(turn ?? []), ...parts];
      continue;
    }
    if (role !== "user" && role !== "function" && role !== "tool") throw content.wrong("role", '"user" or "model"');
    closeTurn();
    const said = parts.map((part, at) => decodeUserPart(part, open, `${index}_${at}`));
    if (said.length > 0) messages.push({ role: "user", parts: said });
  }
  closeTurn();
  return messages;
}

function contentsOf(body: Fields): Fields[] {
  const value = body.json["contents"];
  if (typeof value === "string") return [Fields.of({ role: "user", parts: [{ text: value }] }, "contents", body.fault)];
  if (value === undefined || value === null) throw body.wrong("contents", "a list of contents");
  return camelList(body, "contents");
}

/** Reads what the model said, just as it would be read from an answer. */
function decodeModelParts(parts: readonly Fields[], turnAt: number): readonly AssistantPart[] {
  // Where a call stands never changes as the history grows, so neither does the id that is made for it.
  const reader = new CandidateReader(0, (call) => `call_${turnAt}_${call}`);
  const events: ChatEvent[] = [{ type: "start", id: "", model: "" }];
  for (const part of parts) reader.readPart(part, undefined, events);
  reader.end(events);
  events.push({ type: "end" });
  return foldEvents(events).choices[0]?.parts ?? [];
}

function decodeUserPart(part: Fields, open: OpenCall[], place: string): UserPart {
  const result = camelObject(part, "functionResponse");
  if (result !== undefined) return decodeResult(result, open, place);
  if (part.has("text")) return decodeText(part);
  return decodeMedia(part) ?? { type: "foreign", wire: WIRE, json: part.json };
}

function decodeText(part: Fields): TextPart {
  const bags = bag(WIRE, part.rest(TEXT));
  return { type: "text", text: part.stringMaybe("text") ?? "", ...(bags && { bags }) };
}

/** Reads what a tool answered. Without an id it belongs to the first call of its name that has no answer yet. */
function decodeResult(result: Fields, open: OpenCall[], place: string): ToolResultPart {
  const name = result.stringMaybe("name") ?? "";
  const given = result.stringMaybe("id");
  const at = open.findIndex((call) => (given ? call.id === given : call.name === name));
  const call = open[at];
  if (at !== -1) open.splice(at, 1);
  const { parts, isError } = decodeResponse(result);
  const rest = result.rest(RESULT);
  // The name is only needed again where there is no call to read it from.
  const bags = bag(WIRE, call === undefined && name !== "" ? { ...rest, name } : rest);
  return {
    type: "tool-result",
    id: call?.id ?? (given || `call_unknown_${place}`),
    parts: [...parts, ...camelList(result, "parts").map(decodeOutput)],
    ...(isError && { isError }),
    ...(bags && { bags }),
  };
}

/** `output`, `result` and `error` are what Google's own guides wrap a text in; any other object is the answer itself. */
function decodeResponse(result: Fields): { readonly parts: readonly ToolOutputPart[]; readonly isError: boolean } {
  const response = result.objectMaybe("response");
  const entries = Object.entries(response?.json ?? {});
  if (response === undefined || entries.length === 0) return { parts: [], isError: false };
  const [key, value] = entries[0]!; // There is one.
  const isPlain = entries.length === 1 && typeof value === "string" && (key === "output" || key === "result" || key === "error");
  if (isPlain) return { parts: value === "" ? [] : [{ type: "text", text: value }], isError: key === "error" };
  return { parts: [{ type: "text", text: textOf(response.json, result.at("response"), result.fault) }], isError: false };
}

function decodeOutput(part: Fields): ToolOutputPart {
  const media = decodeMedia(camelFields(part));
  return media === undefined || media.type === "audio" ? { type: "foreign", wire: WIRE, json: part.json } : media;
}
