import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CLIENT_FORMATS, type ClientFormat } from "../chaos/client-formats.ts";
import { PROVIDER_FORMATS, type ProviderFormat, TEXT, WORDS } from "../chaos/provider-formats.ts";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import type { SeenRequest } from "../support/upstream-request.ts";

// The provider that speaks Responses is asked in it by clients of Responses alone, and says in its last event all that was said before.
const FORMATS = PROVIDER_FORMATS.filter(({ wire }) => wire !== "openai-responses");
const READ = { pauseMs: 60 };

let upstream: Upstream;
let gateway: GatewayProcess;
/** What the one that goes on answers: only what is missing, or all of it again. */
let repeats = false;
/** How the one that breaks off ends. */
let broken: (format: ProviderFormat) => Script;
let seen: SeenRequest[] = [];

const formatOf = (path: string): ProviderFormat => FORMATS.find(({ wire }) => path.includes(`/${wire}/`))!; // Addresses are made of them.
const streamOf = (format: ProviderFormat, body: readonly string[], more: Script = {}): Script => ({
  headers: { "content-type": format.streamType },
  body,
  ...more,
});

const breaks = {
  "is reset after two words": (format: ProviderFormat): Script => ({
    ...streamOf(format, []),
    body: [...format.events.slice(0, format.first + 2), READ],
    after: "rst",
  }),
  "ends too early": (format: ProviderFormat): Script => streamOf(format, format.events.slice(0, format.first + 2)),
  "tells of an error": (format: ProviderFormat): Script =>
    streamOf(format, [...format.events.slice(0, format.first + 2), format.errorEvent(500, "it broke")]),
  "falls silent": (format: ProviderFormat): Script => streamOf(format, format.events.slice(0, format.first + 2), { after: "stall" }),
};

interface Cell {
  readonly name: string;
  readonly a: ProviderFormat;
  readonly b: ProviderFormat;
  readonly resume: boolean;
}

const pairs = (prefix: string): Cell[] =>
  FORMATS.flatMap((a) => FORMATS.map((b) => ({ name: `${prefix}-${a.wire}-${b.wire}`, a, b, resume: true })));
// Silence takes its time, so there not everybody goes on with everybody.
const cellsOf = (client: ClientFormat, how: string): Cell[] =>
  pairs(`${client.wire}-${how.replaceAll(" ", "-")}`).filter(({ a, b }) => how !== "falls silent" || a === b);
const [CHAT, MESSAGES] = FORMATS as [ProviderFormat, ProviderFormat];
const single = (name: string, b: ProviderFormat, resume = true): Cell => ({ name, a: CHAT, b, resume });
const CELLS: readonly Cell[] = [
  ...CLIENT_FORMATS.flatMap((client) => Object.keys(breaks).flatMap((how) => cellsOf(client, how))),
  single("plain", CHAT, false),
  single("call", CHAT),
  single("json", CHAT),
  single("again", MESSAGES),
  single("nobody", MESSAGES),
];

beforeAll(async () => {
  upstream = new Upstream((request) => {
    const format = formatOf(request.path);
    if (request.path.startsWith("/first")) return broken(format);
    seen.push(request);
    const { events, first } = format;
    return streamOf(format, repeats ? events : [...events.slice(0, first), ...events.slice(first + 2)]);
  });
  // Each that breaks off is asked a few times only, so that no circuit opens.
  const provider = (name: string, { kind, wire }: ProviderFormat): string =>
    `"${name}": provider.${kind}({ baseUrl: "${upstream.url}/${name}/${wire}", apiKey: secret.env("KEY"), silenceTimeout: "400ms", models: { chat: ["m"] } })`;
  const providers = [
    ...FORMATS.map((format) => provider(`second-${format.wire}`, format)),
    ...CELLS.map(({ a, name }) => provider(`first-${name}`, a)),
  ];
  const combos = CELLS.map(
    ({ b, name, resume }) => `"${name}": { ${resume ? "resume: true, " : ""}chat: ["first-${name}/m", "second-${b.wire}/m"] }`,
  );
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
export default defineConfig({ providers: { ${providers.join(", ")} }, combos: { ${combos.join(", ")} } });
`,
    { env: { KEY: "sk-upstream-canary" } },
  );
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

interface Got {
  readonly text: string;
  readonly isWhole: boolean;
}

async function ask(client: ClientFormat, model: string, more: object = {}): Promise<Got> {
  seen = [];
  const response = await gateway.post(client.path(model, true), { ...client.request(model, true), ...more });
  expect(response.status).toBe(200);
  const chunks: Uint8Array[] = [];
  let isWhole = true;
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    isWhole = false;
  }
  return { text: Buffer.concat(chunks).toString(), isWhole };
}

describe.each(CLIENT_FORMATS.map((client) => ({ client, wire: client.wire })))("a stream to a client of $wire", ({ client }) => {
  test.each(Object.entries(breaks))(
    "that %s is gone on with, whoever goes on, as one answer",
    async (name, how) => {
      broken = how;
      for (const cell of cellsOf(client, name)) {
        const { a, b } = cell;
        for (const again of how === breaks["falls silent"] ? [false] : [false, true]) {
          repeats = again;
          const { text, isWhole } = await ask(client, `combo:${cell.name}`);
          const said = client.readStream(text);
          const where = `${a.wire} → ${b.wire}, ${again ? "all again" : "the rest"}`;
          expect([where, said.text, said.ended, said.error, said.odd, isWhole]).toEqual([where, TEXT, true, undefined, undefined, true]);
          // One answer: it begins and ends once, and says who went on.
          for (const once of ["message_start", "response.created", "response.completed", "message_stop", "[DONE]"])
            expect(text.split(`"type":"${once}"`).length).toBeLessThanOrEqual(2);
          if (client.wire !== "ollama-chat")
            expect(text).toContain(`: omni-resumed first-${cell.name}/m -> second-${b.wire}/m after upstream_`);
          expect(seen.length).toBe(1);
          expect(seen[0]!.text).toContain(JSON.stringify(WORDS.slice(0, 2).join("").trimEnd()).slice(1, -1));
        }
      }
    },
    60_000,
  );
});

describe("a stream that breaks off", () => {
  const [chat] = CLIENT_FORMATS as [ClientFormat];
  // A machine that is busy may read the reset before the error that was sent ahead of it; that nothing looks finished always holds.
  const toldOf = (text: string): boolean => (text.includes('"error"') || text.endsWith("\n\n")) && !text.includes("[DONE]");

  test("is not gone on with where nobody asked for that", async () => {
    broken = breaks["ends too early"];
    const { text, isWhole } = await ask(chat, "plain");
    expect([toldOf(text), isWhole, seen.length]).toEqual([true, false, 0]);
  }, 30_000);

  test("within a call of a tool, after one, or within JSON, is nobody else's to finish", async () => {
    const call = (index: object): string =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { tool_calls: [index] }, finish_reason: null }] })}\n\n`;
    const begun = call({ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: '{"a":' } });
    broken = (format) => streamOf(format, [...format.events.slice(0, format.first + 1), begun]);
    const first = await ask(chat, "call");
    expect([toldOf(first.text), seen.length]).toEqual([true, 0]);
    broken = breaks["ends too early"];
    const second = await ask(chat, "json", { response_format: { type: "json_object" } });
    expect([toldOf(second.text), seen.length]).toEqual([true, 0]);
  }, 30_000);

  test("again, while it is gone on with, is told as it is", async () => {
    broken = breaks["ends too early"];
    const { answering } = upstream;
    upstream.answering = (request) => {
      if (request.path.startsWith("/second")) seen.push(request);
      return broken(formatOf(request.path));
    };
    const { text, isWhole } = await ask(chat, "again");
    upstream.answering = answering;
    expect([toldOf(text), isWhole, seen.length]).toEqual([true, false, 1]);
    if (text.includes('"error"')) expect(text).toContain("upstream_truncated");
  }, 30_000);

  test("and finds nobody who can go on, is told of the break itself", async () => {
    broken = breaks["ends too early"];
    const { answering } = upstream;
    upstream.answering = (request) => {
      if (request.path.startsWith("/first")) return broken(formatOf(request.path));
      seen.push(request);
      return { status: 400, body: "{}" };
    };
    const { text } = await ask(chat, "nobody");
    upstream.answering = answering;
    expect(seen.length).toBe(1);
    if (text.includes('"error"')) expect(text).toContain("upstream_truncated");
  }, 30_000);
});
