import type { ChatRequest, Message } from "../../src/ir/chat.ts";
import { bridgeOf, type Crossing } from "../../src/wire/bridge.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { WIRES } from "../../src/wire/index.ts";
import type { Wire } from "../../src/wire/wire.ts";
import type { MicroCase } from "./timing.ts";

const REQUEST_BYTES = 32 * 1024;
/** A reader is done with after so many events, so that what it keeps of an answer does not grow for ever. */
const EVENTS_PER_STREAM = 500;

const MODEL = { model: "gpt-5.1", modelJson: Buffer.from('"gpt-5.1"') };
const CONTEXT = { requestId: "r", nowS: 0 };
const utf8 = new TextEncoder();

/** What a request costs on its way from each format of chat to each: verbatim where both are the same, translated otherwise. */
export function wireRequestCases(): readonly MicroCase[] {
  return pairs().map(({ name, down, up }) => request(name, down, up));
}

/** What an event costs on its way back. */
export function wireEventCases(): readonly MicroCase[] {
  return pairs().map(({ name, down, up }) => event(name, down, up));
}

function pairs(): { readonly name: string; readonly down: Wire; readonly up: Wire }[] {
  const wires = WIRES.filter((wire) => wire.downstream?.chat !== undefined);
  return wires.flatMap((down) => wires.map((up) => ({ name: `${down.name} → ${up.name}`, down, up })));
}

function request(name: string, down: Wire, up: Wire): MicroCase {
  const body = bodyOf(down, false);
  return {
    name,
    about: `a request of ${Math.round(body.length / 1024)} KiB`,
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += cross(down, up, body, false).body.length;
      return sum;
    },
  };
}

function event(name: string, down: Wire, up: Wire): MicroCase {
  const encoder = up.downstream!.chat!.encodeStream({ request: conversation(true) }); // `pairs` has no others.
  const at = { choice: 0, part: 0 } as const;
  const prelude = encoder.push([
    { type: "start", id: "msg_1", model: "gpt-5.1", createdS: 1 },
    { type: "part-start", ...at, content: { type: "text", text: "" } },
  ]);
  const delta = encoder.push([{ type: "text-delta", ...at, text: "routed " }]);
  const crossing = cross(down, up, bodyOf(down, true), true);
  return {
    name,
    about: "a few letters of a streamed answer, in a piece of their own",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count += EVENTS_PER_STREAM) {
        const reader = crossing.openStream();
        reader.push(prelude);
        const end = Math.min(times - count, EVENTS_PER_STREAM);
        for (let one = 0; one < end; one++) sum += reader.push(delta).length;
        if (reader.failure !== undefined) throw reader.failure;
      }
      return sum;
    },
  };
}

/** A provider's half writes what a client of the format would have sent. */
function bodyOf(wire: Wire, short: boolean): Uint8Array {
  return utf8.encode(JSON.stringify(wire.upstream({}).chat!.encodeRequest(conversation(short)).json)); // `pairs` has no others.
}

function cross(down: Wire, up: Wire, body: Uint8Array, stream: boolean): Crossing {
  const bridge = bridgeOf(down, up, up.upstream({}));
  if (bridge === undefined) throw new Error(`Nothing leads from ${down.name} to ${up.name}.`);
  // Of all formats one looks at this: its model and its method stand in the path.
  const rest = `asked:${stream ? "streamGenerateContent" : "generateContent"}`;
  return bridge.cross(new ClientRequest(body, bridge.downstream.readHead(body, rest, "alt=sse")), MODEL, CONTEXT);
}

/** An agent's conversation as they grow: tools, calls and what they gave. */
function conversation(short: boolean): ChatRequest {
  const turn = (index: number): Message[] => [
    {
      role: "assistant",
      parts: [
        { type: "text", text: "Let me look into the file." },
        { type: "tool-call", id: `call_${index}`, name: "read_file", argumentsJson: `{"path":"src/file-${index}.ts","limit":200}` },
      ],
    },
    {
      role: "user",
      parts: [
        { type: "tool-result", id: `call_${index}`, parts: [{ type: "text", text: 'export const line = "one of many";\n'.repeat(24) }] },
      ],
    },
  ];
  const turns = short ? 1 : Math.floor(REQUEST_BYTES / 1200);
  return {
    model: "asked",
    stream: short,
    messages: [
      { role: "system", parts: [{ type: "text", text: "You are a programmer. ".repeat(20) }] },
      { role: "user", parts: [{ type: "text", text: "Find out why the test fails." }] },
      ...Array.from({ length: turns }, (_, index) => turn(index)).flat(),
    ],
    tools: ["read_file", "write_file", "run"].map((name) => ({
      type: "function",
      name,
      description: "Does something to a file.",
      parameters: { type: "object", properties: { path: { type: "string" }, limit: { type: "integer" } }, required: ["path"] },
      strict: false,
    })),
    sampling: { maxTokens: 4096 },
  };
}
