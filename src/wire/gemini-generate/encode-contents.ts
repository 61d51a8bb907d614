import type { ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import type { Message } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeModelParts } from "./encode-model-parts.ts";
import { encodeShownPart, noteCache, restOf } from "./encode-parts.ts";

/** What contents are written with. */
interface ContentsContext {
  readonly losses: Losses;
  /** Whether the model refuses calls in its history that it did not sign. */
  readonly signedCalls: boolean;
  /** Whether a tool may answer with pictures; else they stand behind all answers, with a word on whose they are. */
  readonly mediaInResults: boolean;
}

/** A content while its neighbours may still be merged into it. */
interface Turn {
  readonly role: "user" | "model";
  readonly parts: JsonObject[];
}

/** A call that was made before: its tool's name, and its place among all calls. */
interface MadeCall {
  readonly name: string;
  readonly order: number;
}

/** Writes the system prompt and the conversation. Roles take turns, so that neighbours of one role become one content. */
export function encodeContents(
  messages: readonly Message[],
  context: ContentsContext,
): { readonly systemInstruction: JsonObject | undefined; readonly contents: JsonObject[] } {
  let leading = messages.findIndex((message) => message.role !== "system" && message.role !== "developer");
  // Nobody has said anything yet: the last instruction is then the question, for a request without contents is refused.
  if (leading === -1) leading = Math.max(0, messages.length - 1);
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  const calls = new Map<string, MadeCall>();
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    context.losses.addBags(message.bags, WIRE, path);
    if (message.role === "assistant") {
      for (const part of message.parts) if (part.type === "tool-call") calls.set(part.id, { name: part.name, order: calls.size });
      addTurn(turns, "model", encodeModelParts(message.parts, context.signedCalls, path, context.losses));
      continue;
    }
    const parts = encodeUser(message.parts, calls, path, context);
    if (index < leading) system.push(...parts);
    else {
      if (message.role !== "user" && messages.length > 1)
        context.losses.add(`${path}.role`, "role", "Gemini takes instructions only at the start; this one is said by the user.");
      addTurn(turns, "user", parts);
    }
  }
  return {
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents: turns.map(({ role, parts }) => ({ role, parts: resultsFirst(parts) })),
  };
}

function addTurn(turns: Turn[], role: Turn["role"], parts: readonly JsonObject[]): void {
  if (parts.length === 0) return; // All of it was lost, and said so.
  const last = turns.at(-1);
  if (last?.role === role) last.parts.push(...parts);
  else turns.push({ role, parts: [...parts] });
}

/** Results come first and in the order of their calls, all of one turn together: they are told apart by nothing else where models give no ids. */
function encodeUser(
  parts: readonly UserPart[],
  calls: ReadonlyMap<string, MadeCall>,
  path: string,
  context: ContentsContext,
): JsonObject[] {
  const results: { readonly order: number; readonly json: JsonObject }[] = [];
  const said: JsonObject[] = [];
  const shown: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") {
      const call = calls.get(part.id);
      const media = encodeOutputs(part, at, context);
      results.push({ order: call?.order ?? calls.size, json: encodeResult(part, call, media, at, context) });
      if (!context.mediaInResults && media.length > 0) shown.push({ text: `From the answer of tool call ${part.id}:` }, ...media);
      continue;
    }
    const written = encodeShownPart(part, at, context.losses);
    // A content must have a part, and what has no words must not have others' company.
    if (written !== undefined && (written["text"] !== "" || parts.length === 1)) said.push(written);
  }
  results.sort((left, right) => left.order - right.order);
  return [...results.map(({ json }) => json), ...shown, ...said];
}

/** Google's guides put a tool's answer under `output`, and what went wrong under `error`. */
function encodeResult(
  part: ToolResultPart,
  call: MadeCall | undefined,
  media: readonly JsonObject[],
  path: string,
  { losses, mediaInResults }: ContentsContext,
): JsonObject {
  losses.addBags(part.bags, WIRE, path);
  noteCache(part.cache, path, losses);
  const { name, ...rest } = restOf(part.bags);
  const text = part.parts.flatMap((output) => (output.type === "text" ? [output.text] : [])).join("\n");
  const said = text === "" && media.length > 0 && !mediaInResults ? "The answer of this tool follows." : text;
  return {
    functionResponse: {
      id: part.id,
      name: call === undefined ? (typeof name === "string" ? name : part.id) : shortToolName(call.name),
      response: { [part.isError ? "error" : "output"]: said },
      ...(mediaInResults && media.length > 0 && { parts: media }),
      ...rest,
    },
  };
}

/** What a tool answered besides words. */
function encodeOutputs(part: ToolResultPart, path: string, { losses }: ContentsContext): JsonObject[] {
  const media: JsonObject[] = [];
  for (const [index, output] of part.parts.entries()) {
    if (output.type === "text") {
      noteCache(output.cache, `${path}.parts[${index}]`, losses);
      continue;
    }
    const written = encodeShownPart(output, `${path}.parts[${index}]`, losses);
    if (written !== undefined) media.push(written);
  }
  return media;
}

function resultsFirst(parts: readonly JsonObject[]): readonly JsonObject[] {
  const isResult = (part: JsonObject): boolean => part["functionResponse"] !== undefined;
  return parts.some(isResult) ? [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))] : parts;
}
