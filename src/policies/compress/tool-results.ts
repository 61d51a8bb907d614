import { JsonFault } from "../../bytes/json-scan.ts";
import { ANTHROPIC_MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES } from "../../wire/wire-names.ts";
import { RESULT_BYTES_MIN } from "./compress.ts";
import { childOf, childrenOf, isString, Outline, type OutlineNode, stringOf, jsonOf } from "./outline.ts";
import { commandOf, type ToolCall } from "./tool-call.ts";

/** Where the text of a tool's result stands in a request's body. */
export interface ToolResultSpan {
  /** Of the JSON string, its quotes included, in bytes. */
  readonly start: number;
  readonly end: number;
  /** The call that it answers, as far as the body tells. */
  readonly call: ToolCall;
  readonly isError: boolean;
  /** The client has set a cache breakpoint on it. */
  readonly isMarked: boolean;
}

/** What the body of one format tells of its tool results. */
export interface ToolResults {
  readonly spans: readonly ToolResultSpan[];
  /** A cache breakpoint stands somewhere in the conversation. */
  readonly hasMarks: boolean;
}

const NONE: ToolResults = { spans: [], hasMarks: false };

interface Format {
  /** A body without these bytes has no tool result. */
  readonly needles: readonly Buffer[];
  readonly outline: Outline;
  readonly find: (bytes: Buffer, root: OutlineNode, into: Collector) => void;
}

/**
 * Finds the texts of tool results in a request's body, those that are long enough to matter. A body without any costs one search for a few
 * bytes; one that cannot be read has none.
 *
 * @param wire The name of the format, such as `openai-chat`; formats that are not known have no results.
 */
export function findToolResults(wire: string, body: Uint8Array): ToolResults {
  const format = FORMATS[wire];
  if (format === undefined) return NONE;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!format.needles.some((needle) => bytes.includes(needle))) return NONE;
  try {
    const collector = new Collector(bytes);
    format.find(bytes, format.outline.read(bytes), collector);
    return { spans: collector.spans, hasMarks: collector.hasMarks };
  } catch (error) {
    if (error instanceof JsonFault) return NONE;
    throw error;
  }
}

interface Call {
  readonly name: string | undefined;
  readonly args: OutlineNode | undefined;
}

/** Gathers calls and results in the order of the conversation. */
class Collector {
  readonly spans: ToolResultSpan[] = [];
  hasMarks = false;
  private readonly bytes: Buffer;
  private readonly byId = new Map<string, Call>();
  /** Calls without an id, by name; answered in their order. */
  private readonly waiting = new Map<string, Call[]>();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  call(id: string | undefined, name: string | undefined, args: OutlineNode | undefined): void {
    if (id !== undefined) this.byId.set(id, { name, args });
    else if (name !== undefined) this.waiting.set(name, [...(this.waiting.get(name) ?? []), { name, args }]);
  }

  /** The call that a result answers; each is answered once where there are no ids. */
  callOf(id: string | undefined, name: string | undefined): Call | undefined {
    const known = id === undefined ? undefined : this.byId.get(id);
    return known ?? (name === undefined ? undefined : (this.waiting.get(name)?.shift() ?? { name, args: undefined }));
  }

  result(text: OutlineNode | undefined, call: Call | undefined, flags: { isError: boolean; isMarked: boolean }): void {
    if (text === undefined || !isString(this.bytes, text) || text.end - text.start < RESULT_BYTES_MIN) return;
    this.spans.push({ start: text.start, end: text.end, call: this.toolCallOf(call), ...flags });
  }

  private toolCallOf(call: Call | undefined): ToolCall {
    const command = commandOf(call?.name, argumentsOf(jsonOf(this.bytes, call?.args)));
    return { ...(call?.name === undefined ? {} : { name: call.name }), ...(command === undefined ? {} : { command }) };
  }
}

/** Arguments come as an object, or as its JSON in a string; some tools take plain text. */
function argumentsOf(value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("{")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** `content` as a string, or as parts with texts. */
function findInContent(
  node: OutlineNode,
  step: string,
  bytes: Buffer,
  add: (text: OutlineNode | undefined, isMarked: boolean) => void,
): void {
  const content = childOf(node, step);
  if (content === undefined) return;
  if (isString(bytes, content)) add(content, false);
  for (const part of childrenOf(content, "[]")) {
    const type = stringOf(bytes, childOf(part, ".type"));
    if (type === "text" || type === "input_text" || type === "output_text")
      add(childOf(part, ".text"), childOf(part, ".cache_control") !== undefined);
  }
}

function findInMessages(bytes: Buffer, root: OutlineNode, into: Collector): void {
  for (const message of childrenOf(root, "messages[]")) {
    into.hasMarks ||= isMarkedWithin(message);
    for (const call of childrenOf(message, ".tool_calls[]")) {
      const name = stringOf(bytes, childOf(call, ".function.name"));
      into.call(stringOf(bytes, childOf(call, ".id")), name, childOf(call, ".function.arguments"));
    }
    if (stringOf(bytes, childOf(message, ".role")) !== "tool") continue;
    const name = stringOf(bytes, childOf(message, ".tool_name")) ?? stringOf(bytes, childOf(message, ".name"));
    const call = into.callOf(stringOf(bytes, childOf(message, ".tool_call_id")), name);
    const isMarked = childOf(message, ".cache_control") !== undefined;
    findInContent(message, ".content", bytes, (text, marked) => into.result(text, call, { isError: false, isMarked: isMarked || marked }));
  }
}

function isMarkedWithin(node: OutlineNode): boolean {
  return node.children.some((child) => child.path.endsWith(".cache_control") || isMarkedWithin(child));
}

function findInBlocks(bytes: Buffer, root: OutlineNode, into: Collector): void {
  for (const message of childrenOf(root, "messages[]")) {
    into.hasMarks ||= isMarkedWithin(message);
    for (const content of childrenOf(message, ".content")) {
      for (const block of childrenOf(content, "[]")) findInBlock(bytes, block, into);
    }
  }
}

function findInBlock(bytes: Buffer, block: OutlineNode, into: Collector): void {
  const type = stringOf(bytes, childOf(block, ".type"));
  if (type === "tool_use") {
    into.call(stringOf(bytes, childOf(block, ".id")), stringOf(bytes, childOf(block, ".name")), childOf(block, ".input"));
  } else if (type === "tool_result") {
    const call = into.callOf(stringOf(bytes, childOf(block, ".tool_use_id")), undefined);
    const isError = jsonOf(bytes, childOf(block, ".is_error")) === true;
    const isMarked = childOf(block, ".cache_control") !== undefined;
    findInContent(block, ".content", bytes, (text, marked) => into.result(text, call, { isError, isMarked: isMarked || marked }));
  }
}

function findInItems(bytes: Buffer, root: OutlineNode, into: Collector): void {
  for (const item of childrenOf(root, "input[]")) {
    const type = stringOf(bytes, childOf(item, ".type"));
    if (type === undefined) continue;
    const id = stringOf(bytes, childOf(item, ".call_id")) ?? stringOf(bytes, childOf(item, ".id"));
    if (type.endsWith("_output")) findInOutput(bytes, item, into, into.callOf(id, undefined));
    else if (type.endsWith("_call")) {
      const args = childOf(item, ".arguments") ?? childOf(item, ".action") ?? childOf(item, ".input");
      // Shell calls of this format have no name: the type is one.
      into.call(id, stringOf(bytes, childOf(item, ".name")) ?? type, args);
    }
  }
}

function findInOutput(bytes: Buffer, item: OutlineNode, into: Collector, call: Call | undefined): void {
  const flags = { isError: false, isMarked: false };
  findInContent(item, ".output", bytes, (text) => into.result(text, call, flags));
  const output = childOf(item, ".output");
  if (output === undefined) return;
  for (const part of childrenOf(output, "[]")) {
    for (const step of [".stdout", ".stderr"]) into.result(childOf(part, step), call, flags);
  }
}

function findInParts(bytes: Buffer, root: OutlineNode, into: Collector): void {
  const parts = childrenOf(root, "contents[]").flatMap((content) => childrenOf(content, ".parts[]"));
  for (const part of parts) {
    for (const key of [".functionCall", ".function_call"]) {
      const call = childOf(part, key);
      if (call !== undefined)
        into.call(stringOf(bytes, childOf(call, ".id")), stringOf(bytes, childOf(call, ".name")), childOf(call, ".args"));
    }
    for (const key of [".functionResponse", ".function_response"]) {
      const response = childOf(part, key);
      const isSigned = childOf(part, ".thoughtSignature") !== undefined || childOf(part, ".thought_signature") !== undefined;
      if (response === undefined || isSigned) continue;
      const call = into.callOf(stringOf(bytes, childOf(response, ".id")), stringOf(bytes, childOf(response, ".name")));
      const isError = childOf(response, ".response.error") !== undefined;
      for (const name of RESPONSE_TEXTS) into.result(childOf(response, `.response.${name}`), call, { isError, isMarked: false });
    }
  }
}

/** Gemini leaves the shape of a response to the client; these names are in use. */
const RESPONSE_TEXTS = ["output", "result", "content", "stdout", "stderr", "text"] as const;

const CHAT_PATHS = `role name tool_name tool_call_id cache_control content content[] content[].type content[].text content[].cache_control tool_calls[]
  tool_calls[].id tool_calls[].function.name tool_calls[].function.arguments`;

const BLOCK_PATHS = `content content[] content[].type content[].id content[].name content[].input content[].tool_use_id content[].is_error
  content[].cache_control content[].content content[].content[] content[].content[].type content[].content[].text content[].content[].cache_control`;

const ITEM_PATHS = `type id call_id name arguments action input output output[] output[].type output[].text output[].stdout output[].stderr`;

function below(root: string, paths: string): string[] {
  return [root, ...paths.split(/\s+/).map((path) => `${root}.${path}`)];
}

function partPaths(): string[] {
  const calls = ["functionCall", "function_call"].flatMap((key) => [key, `${key}.id`, `${key}.name`, `${key}.args`]);
  const responses = ["functionResponse", "function_response"].flatMap((key) => [
    key,
    `${key}.id`,
    `${key}.name`,
    ...[...RESPONSE_TEXTS, "error"].map((name) => `${key}.response.${name}`),
  ]);
  return ["contents[]", ...below("contents[].parts[]", [...calls, ...responses, "thoughtSignature", "thought_signature"].join(" "))];
}

function needles(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

const CHAT: Format = { needles: needles('"tool"'), outline: new Outline(below("messages[]", CHAT_PATHS)), find: findInMessages };

const FORMATS: Readonly<Record<string, Format | undefined>> = {
  [OPENAI_CHAT]: CHAT,
  "ollama-chat": CHAT,
  [ANTHROPIC_MESSAGES]: { needles: needles('"tool_result"'), outline: new Outline(below("messages[]", BLOCK_PATHS)), find: findInBlocks },
  [OPENAI_RESPONSES]: { needles: needles('_output"'), outline: new Outline(below("input[]", ITEM_PATHS)), find: findInItems },
  "gemini-generate": {
    needles: needles('"functionResponse"', '"function_response"'),
    outline: new Outline(partPaths()),
    find: findInParts,
  },
};
