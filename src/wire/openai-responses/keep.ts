import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../ir/json.ts";
import type { Keeping, KeptTurn, Page } from "../keeping.ts";
import { parsePart, scanAnswer, scanRequest } from "../read-json.ts";

const inputScanner = new JsonScanner("input");
const idScanner = new JsonScanner("id");
const text = new TextDecoder();

/** How answers of the Responses format are kept. https://platform.openai.com/docs/guides/conversation-state */
export const keeping: Keeping = {
  path: "/responses",
  compactPath: "/responses/compact",
  inputOf: (body) => itemsOf(body),
  restate,
  idOf,
  itemIdsOf: (answer) => outputOf(answer).flatMap(({ id }) => (typeof id === "string" ? [id] : [])),
  itemOf: (answer, id) => {
    const item = outputOf(answer).find((one) => one["id"] === id);
    return item && asInput(item);
  },
  pageOf,
  deleted: (id) => ({ id, object: "response", deleted: true }),
};

/** The items of `input`; words alone are one message. */
function itemsOf(body: Uint8Array): readonly JsonObject[] {
  if (scanRequest(inputScanner, body) === 0) return [];
  const [, start = 0, end = 0] = inputScanner.found;
  const input = parseJson(text.decode(body.subarray(start, end)));
  if (typeof input === "string") return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }];
  return Array.isArray(input) ? input.filter(isJsonObject) : [];
}

function restate(
  body: Uint8Array,
  turns: readonly KeptTurn[] | undefined,
  find: (id: string) => JsonObject | undefined,
): { body: Uint8Array; changed: boolean } {
  let changed = turns !== undefined;
  const resolve = (item: JsonObject): JsonObject => {
    const { type, id } = item;
    const found = type === "item_reference" && typeof id === "string" ? find(id) : undefined;
    changed ||= found !== undefined;
    return found ?? item;
  };
  const before = (turns ?? []).flatMap(({ input, answer }) => [...input, ...outputOf(answer).map(asInput)]);
  const items = [...before, ...itemsOf(body)].map(resolve);
  if (!changed) return { body, changed };
  const { previous_response_id: name, ...rest } = parseJson(text.decode(body)) as JsonObject; // Its head has been read, so it is an object.
  const kept = turns === undefined && name !== undefined && { previous_response_id: name };
  return { body: Buffer.from(JSON.stringify({ ...rest, ...kept, input: items })), changed };
}

function outputOf(answer: JsonObject): readonly JsonObject[] {
  const output = answer["output"];
  return Array.isArray(output) ? output.filter(isJsonObject) : [];
}

const NAMED_BY_US: ReadonlySet<Json | undefined> = new Set(["message", "reasoning", "function_call", "custom_tool_call"]);

/** What an answer said, as a later request says it: without names that only mean something to whoever gave them. */
function asInput(item: JsonObject): JsonObject {
  if (!NAMED_BY_US.has(item["type"])) return item;
  const { id: _, ...rest } = item;
  return rest;
}

function idOf(answer: Uint8Array): string | undefined {
  if (scanAnswer(idScanner, answer) === 0) return undefined;
  const id = parsePart(answer, idScanner.found[1]!, idScanner.found[2]!); // One was found.
  return typeof id === "string" && id !== "" ? id : undefined;
}

const LIMIT_MAX = 100;

function pageOf(turns: readonly KeptTurn[], id: string, { limit = "20", order = "desc", after }: Page): JsonObject {
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > LIMIT_MAX)
    throw refused("limit", `it is "${limit}"; write a whole number from 1 to ${LIMIT_MAX}`);
  if (order !== "asc" && order !== "desc") throw refused("order", `it is "${order}"; write asc or desc`);
  const items = turns.flatMap(({ input, answer }, turn) => [
    ...input.map((item, index) => shown(item, `${id.replace(/^resp_/, "")}_${turn}_${index}`)),
    ...(turn < turns.length - 1 ? outputOf(answer) : []),
  ]);
  if (order === "desc") items.reverse();
  const start = after === undefined ? 0 : items.findIndex((item) => item["id"] === after) + 1;
  if (after !== undefined && start === 0) throw refused("after", `no item is called "${after}"`);
  const data = items.slice(start, start + count);
  const [first, last] = [data[0]?.["id"] ?? null, data.at(-1)?.["id"] ?? null];
  return { object: "list", data, first_id: first, last_id: last, has_more: start + count < items.length };
}

function refused(param: string, why: string): OmniError {
  return new OmniError("invalid_request", `Cannot list the items: \`${param}\` is wrong: ${why}.`, { param });
}

/** An item of a request as it is shown: everything that clients may leave out is there. */
function shown(item: JsonObject, stem: string): JsonObject {
  const type = item["type"] ?? "message";
  if (type !== "message") return { id: `item_${stem}`, ...item };
  const { content } = item;
  const form = item["role"] === "assistant" ? "output_text" : "input_text";
  const parts = typeof content === "string" ? [{ type: form, text: content }] : (content ?? []);
  return { id: `msg_${stem}`, status: "completed", ...item, type, content: parts };
}
