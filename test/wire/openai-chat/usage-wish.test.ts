import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Bridge, verbatim } from "../../../src/wire/bridge.ts";
import { ClientRequest } from "../../../src/wire/client-request.ts";
import { openaiChat } from "../../../src/wire/openai-chat/index.ts";
import type { StreamReader } from "../../../src/wire/wire.ts";
import { exchangesOf, isStream, recordings, responseBytes } from "../../support/recordings.ts";

const downstream = openaiChat.downstream!;
const bridge = verbatim(downstream, openaiChat.upstream({}));

function cross(text: string, by: Bridge = bridge, model = "gpt-5"): ReturnType<Bridge["cross"]> {
  const body = Buffer.from(text);
  return by.cross(
    new ClientRequest(body, downstream.readHead(body, "", "")),
    { model, modelJson: Buffer.from(JSON.stringify(model)) },
    { requestId: "r", nowS: 0 },
  );
}

const sent = (text: string, by?: Bridge): string => Buffer.from(cross(text, by).body).toString();

/** Whether the reader that belongs to a request takes out what only tells usage. */
function hides(text: string, by?: Bridge): boolean {
  return pass(cross(text, by).openStream(), [Buffer.from(chunk("x") + USAGE + END)]).text === chunk("x") + END;
}

const chunk = (content: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}],"usage":null}\n\n`;
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n';
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

function pass(reader: StreamReader, pieces: readonly Uint8Array[]): { text: string; usage: unknown; failure: string | undefined } {
  const out = pieces.map((piece) => Buffer.from(reader.push(piece)));
  out.push(Buffer.from(reader.end()));
  return { text: Buffer.concat(out).toString(), usage: reader.usage, failure: reader.failure?.kind };
}

describe("a stream whose client did not ask for usage", () => {
  test.each([
    ['{"model":"m","stream":true}', '{"model":"gpt-5","stream_options":{"include_usage":true},"stream":true}'],
    ['{"stream":true, "model": "gpt-5" }', '{"stream":true, "model": "gpt-5","stream_options":{"include_usage":true} }'],
    ['{"model":"m","stream":true,"stream_options":null}', '{"model":"gpt-5","stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream_options": { },"model":"m","stream":true}', '{"stream_options": {"include_usage":true },"model":"gpt-5","stream":true}'],
    [
      '{"model":"m","stream_options":{"include_obfuscation":false},"stream":true}',
      '{"model":"gpt-5","stream_options":{"include_usage":true,"include_obfuscation":false},"stream":true}',
    ],
    [
      '{"stream_options":{"include_usage" : false},"stream":true,"model":"m"}',
      '{"stream_options":{"include_usage" : true},"stream":true,"model":"gpt-5"}',
    ],
    [
      '{"stream":true,"model":"gpt-5","stream_options":{"include_usage":null}}',
      '{"stream":true,"model":"gpt-5","stream_options":{"include_usage":true}}',
    ],
  ])("is asked for with usage: %s", (text, wanted) => {
    expect(sent(text)).toBe(wanted);
    expect(hides(text)).toBeTrue();
  });

  test("keeps whatever else is in any request, in its place", () => {
    const options = fc.constantFrom(undefined, null, {}, { include_usage: false }, { include_obfuscation: true, include_usage: null });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), options, fc.nat(6), (more, stream_options, indent) => {
        const { model: _, stream: __, stream_options: ___, ...rest } = more;
        const asked = { ...rest, model: "m", stream: true, ...(stream_options !== undefined && { stream_options }) };
        const shuffled = Object.fromEntries(Object.entries(asked).sort(([a], [b]) => Bun.hash.crc32(a) - Bun.hash.crc32(b)));
        const got = sent(JSON.stringify(shuffled, null, indent));
        expect(JSON.parse(got)).toEqual({
          ...(JSON.parse(JSON.stringify(asked)) as object),
          model: "gpt-5",
          stream_options: { ...stream_options, include_usage: true },
        });
      }),
      { numRuns: 400, seed: 5 },
    );
  });
});

describe("a request is left as it is", () => {
  const untouched = '{"model":"gpt-5","stream_options":{"include_usage":true},"stream":true}';

  test("if its client asks for usage", () => {
    expect(sent(untouched)).toBe(untouched);
    expect(hides(untouched)).toBeFalse();
  });

  test.each(['{"model":"gpt-5"}', '{"model":"gpt-5","stream":false}', '{"model":"gpt-5","stream_options":{"include_usage":false}}'])(
    "if it wants no stream: %s",
    (text) => expect(sent(text)).toBe(text),
  );

  test.each(['"x"', "[]", "true", '{"include_usage":"yes"}', '{"include_usage":1}'])(
    "if its options are of the wrong type, which is for the provider to refuse: %s",
    (options) => {
      const text = `{"model":"gpt-5","stream":true,"stream_options":${options}}`;
      expect(sent(text)).toBe(text);
    },
  );

  test("where the provider does not know the option", () => {
    const reticent = verbatim(downstream, openaiChat.upstream({ streamOptions: false }));
    expect(sent('{"model":"gpt-5","stream":true}', reticent)).toBe('{"model":"gpt-5","stream":true}');
    expect(hides('{"model":"gpt-5","stream":true}', reticent)).toBeFalse();
  });
});

/** Everything but events without a choice that tell usage, found in the plainest way. */
function withoutUsage(text: string): string {
  return text
    .split(/(?<=\r\n\r\n|\n\n|\r\r)/)
    .filter((event) => {
      const data = /^data: ?(\{.*\})$/m.exec(event.replaceAll("\r", "\n"))?.[1];
      if (data === undefined) return true;
      const { choices = [], usage } = JSON.parse(data) as { choices?: unknown[]; usage?: unknown };
      return choices.length > 0 || typeof usage !== "object" || usage === null;
    })
    .join("");
}

const HIDING = openaiChat.upstream({});
const STREAM = `: hi\n\n${chunk("a")}${chunk("é")}${END.replace("data: [DONE]\n\n", "")}${USAGE}data: [DONE]\n\n`;

describe("what only tells usage is taken out", () => {
  test.each([
    ["line feeds", STREAM],
    ["carriage returns and line feeds", STREAM.replaceAll("\n", "\r\n")],
    ["carriage returns", STREAM.replaceAll("\n", "\r")],
    ["usage that is told twice", STREAM.replace(": hi\n\n", USAGE)],
    ["a name and a comment of the event's own", STREAM.replace(USAGE, `event: usage\n: c\n${USAGE}`)],
  ])("and nothing else, wherever a stream with %s is cut", (_, text) => {
    const bytes = Buffer.from(text);
    const wanted = withoutUsage(text);
    expect(wanted).not.toContain('"choices":[]');
    for (let first = 0; first <= bytes.length; first++) {
      for (const second of [first, first + 1, first + 2, first + 60]) {
        const got = pass(HIDING.openStream(true), [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]);
        // Of a line end behind the last event the second half may be left.
        if (got.text.trimEnd() !== wanted.trimEnd()) throw new Error(`Cut at ${first} and ${second}: ${JSON.stringify(got.text)}`);
        expect(got).toMatchObject({ failure: undefined, usage: { inputTokens: 5, outputTokens: 2 } });
      }
    }
    expect(
      pass(
        HIDING.openStream(true),
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ).text.trimEnd(),
    ).toBe(wanted.trimEnd());
  });

  test("also where it comes last and lacks its blank line", () => {
    const text = STREAM.replace("data: [DONE]\n\n", "").trimEnd();
    expect(pass(HIDING.openStream(true), [Buffer.from(text)])).toMatchObject({
      text: withoutUsage(STREAM).replace("data: [DONE]\n\n", ""),
      failure: undefined,
      usage: { inputTokens: 5 },
    });
  });

  test("not so what tells usage beside an answer", () => {
    const text = STREAM.replace('"finish_reason":"stop"}]', '"finish_reason":"stop"}],"usage":{"prompt_tokens":5}').replace(USAGE, "");
    expect(pass(HIDING.openStream(true), [Buffer.from(text)]).text).toBe(text);
  });

  test("not so a beginning without choices, as Azure's", () => {
    const text = STREAM.replace(": hi\n\n", 'data: {"choices":[],"usage":null,"prompt_filter_results":[]}\n\n');
    expect(pass(HIDING.openStream(true), [Buffer.from(text)]).text).toBe(withoutUsage(text));
  });

  test("of an error that comes after it nothing is lost", () => {
    const { text, failure } = pass(HIDING.openStream(true), [Buffer.from(`${chunk("a")}${USAGE}data: {"error":{"message":"m"}}\n\n`)]);
    expect({ text, failure }).toEqual({ text: chunk("a"), failure: "upstream_failed" });
  });

  const recorded = recordings({ api: "chat" })
    .flatMap((row) => exchangesOf(row).map(({ response }, index) => ({ name: `${row.id} #${index}`, response })))
    .filter(({ response }) => response.status === 200 && isStream(response))
    .map(({ name, response }) => ({ name, bytes: responseBytes(response) }));

  test("of every recorded stream, whole or in pieces", () => {
    let taken = 0;
    for (const { name, bytes } of recorded) {
      const as = pass(HIDING.openStream(), [bytes]);
      const wanted = withoutUsage(as.text);
      if (wanted.length < as.text.length) taken++;
      for (const size of [bytes.length, 1, 7, 1000]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
        const got = pass(HIDING.openStream(true), pieces);
        if (got.text !== wanted) throw new Error(`${name} in pieces of ${size}: ${JSON.stringify(got.text.slice(-600))}`);
        expect({ usage: got.usage, failure: got.failure }).toEqual({ usage: as.usage, failure: as.failure });
      }
    }
    expect(taken).toBeGreaterThan(50);
  }, 60_000);
});
