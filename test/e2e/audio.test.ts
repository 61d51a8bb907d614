import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { exchangesOf, recordings, replay, responseBytes } from "../support/recordings.ts";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

let gateway: GatewayProcess;
let upstream: Upstream;
let client: OpenAI;

beforeAll(async () => {
  upstream = new Upstream();
  const at = `baseUrl: "${upstream.baseUrl}", apiKey: secret.env("OMNI_TEST_KEY")`;
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
    export default defineConfig({
      providers: {
        sim: provider.simulator({ facts: { listener: { fileBytesMax: 2000000 } } }),
        openai: provider.openai({ ${at} }),
        deepgram: provider.deepgram({ ${at} }),
        elevenlabs: provider.elevenlabs({ ${at} }),
        groq: provider.groq({ ${at} }),
      },
      combos: {
        voice: { speech: ["openai/tts-1", "sim/speaker"], transcription: ["sim/listener"] },
      },
    });`,
    { env: { OMNI_TEST_KEY: "sk-x" } },
  );
  client = new OpenAI({ apiKey: "sk-client", baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await gateway.stop();
  upstream.stop();
});

const TEXT = "Ruby is a programming language designed for developer happiness.";
const wav = async (text = TEXT) =>
  Buffer.from(
    await (await client.audio.speech.create({ model: "sim/speaker", voice: "alloy", input: text, response_format: "wav" })).arrayBuffer(),
  );
const one = (api: string, provider: string, at = 0) => recordings({ api, provider }).flatMap((row) => exchangesOf(row))[at]!.response;

describe("speech", () => {
  test("comes in each format, under its own type", async () => {
    for (const [format, type] of [
      ["mp3", "audio/mpeg"],
      ["wav", "audio/wav"],
      ["pcm", "audio/pcm"],
    ] as const) {
      const answer = await client.audio.speech.create({ model: "sim/speaker", voice: "nova", input: TEXT, response_format: format });
      expect([format, answer.headers.get("content-type")]).toEqual([format, type]);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    }
  });

  test("comes as events to who asks for them", async () => {
    const answer = await gateway.post("/v1/audio/speech", {
      model: "sim/speaker",
      voice: "nova",
      input: TEXT,
      response_format: "pcm",
      stream_format: "sse",
    });
    const events = (await answer.text())
      .trim()
      .split("\n\n")
      .map((line) => JSON.parse(line.slice(6)));
    const plain = await client.audio.speech.create({ model: "sim/speaker", voice: "nova", input: TEXT, response_format: "pcm" });
    const sound = Buffer.concat(
      events.filter(({ type }) => type === "speech.audio.delta").map(({ audio }) => Buffer.from(audio, "base64")),
    );
    expect(sound.equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
    expect(events.at(-1).type).toBe("speech.audio.done");
  });

  test.each([
    ["openai", "audio-speech", "openai/gpt-4o-mini-tts", "alloy", "mp3", "/audio/speech"],
    ["deepgram", "v1-speak", "deepgram/aura-2-thalia-en", "thalia", "mp3", "/speak?model=aura-2-thalia-en&encoding=mp3"],
  ] as const)("of %s comes byte for byte as it was recorded", async (provider, api, model, voice, format, path) => {
    const response = one(api, provider);
    upstream.answering = replay(response);
    const answer = await client.audio.speech.create({ model, voice, input: TEXT, response_format: format });
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(responseBytes(response)))).toBe(true);
    expect(upstream.requests.at(-1)!.path.endsWith(path)).toBe(true);
  });

  test("is made by the next target when one fails before the first sound, and breaks off visibly after it", async () => {
    upstream.answering = { status: 503, headers: {}, body: "{}" };
    const good = await gateway.post("/v1/audio/speech", { model: "voice", voice: "alloy", input: TEXT });
    expect([good.status, good.headers.get("x-omni-target")]).toEqual([200, "sim/speaker"]);
    await good.arrayBuffer();
    upstream.answering = { headers: { "content-type": "audio/mpeg" }, body: ["sound", { pauseMs: 50 }], after: "rst" };
    const cut = await gateway.post("/v1/audio/speech", { model: "voice", voice: "alloy", input: TEXT });
    expect(cut.status).toBe(200);
    expect(
      await cut.arrayBuffer().then(
        () => "whole",
        () => "broken",
      ),
    ).toBe("broken");
  });

  test.each([
    [{ voice: "darth" }, "invalid_voice", "voice"],
    [{ input: "x".repeat(4097) }, "input_too_long", "input"],
    [{ input: "" }, "invalid_request", "input"],
    [{ response_format: "midi" }, "invalid_request", "response_format"],
    [{ response_format: "flac" }, "invalid_request", "response_format"],
    [{ speed: 9 }, "invalid_request", "speed"],
  ])("with %p is refused as %s, naming %s and what there is", async (wrong, code, param) => {
    const before = upstream.requests.length;
    const answer = await gateway.post("/v1/audio/speech", { model: "sim/speaker", voice: "alloy", input: "hello", ...wrong });
    const { error } = (await answer.json()) as { error: { code: string; param: string; message: string } };
    expect([answer.status, error.code, error.param, upstream.requests.length]).toEqual([400, code, param, before]);
    if (code === "invalid_voice") expect(error.message).toContain("shimmer");
  });

  test("has a catalog with its voices", async () => {
    const { data } = (await (await fetch(`${gateway.url}/v1/models/tts`)).json()) as { data: { id: string; voices: string[] }[] };
    expect(data.find(({ id }) => id === "sim/speaker")!.voices).toContain("alloy");
  });
});

describe("transcriptions", () => {
  const file = async (bytes: Uint8Array, name = "anything.txt") => toFile(bytes, name);

  test("give back what was spoken, in every format", async () => {
    const sound = await wav();
    const base = { model: "sim/listener", file: await file(sound) };
    expect((await client.audio.transcriptions.create({ ...base })).text).toBe(TEXT);
    expect(await client.audio.transcriptions.create({ ...base, response_format: "text" })).toBe(`${TEXT}\n`);
    const verbose = await client.audio.transcriptions.create({ ...base, response_format: "verbose_json" });
    expect(verbose).toMatchObject({ text: TEXT, language: "english", segments: [{ id: 0, start: 0, text: TEXT }] });
    expect(await client.audio.transcriptions.create({ ...base, response_format: "srt" })).toMatch(
      /^1\n00:00:00,000 --> 00:00:03,840\nRuby/,
    );
    expect(await client.audio.transcriptions.create({ ...base, response_format: "vtt" })).toMatch(/^WEBVTT\n\n00:00:00\.000 --> /);
    expect((await client.audio.translations.create({ ...base })).text).toBe(TEXT);
  });

  test("are streamed to who asks for it", async () => {
    const stream = await client.audio.transcriptions.create({ model: "sim/listener", file: await file(await wav()), stream: true });
    let text = "";
    let done = "";
    for await (const event of stream) {
      if (event.type === "transcript.text.delta") text += event.delta;
      if (event.type === "transcript.text.done") done = event.text;
    }
    expect([text, done]).toEqual([TEXT, TEXT]);
  });

  test("of OpenAI's recorded stream come as they were", async () => {
    const response = recordings({ api: "audio-transcriptions", provider: "openai" })
      .flatMap((row) => exchangesOf(row))
      .find(({ response: each }) => each.sse !== undefined)!.response;
    upstream.answering = replay(response);
    const stream = await client.audio.transcriptions.create({
      model: "openai/gpt-4o-transcribe",
      file: await file(await wav("x")),
      stream: true,
    });
    const events: unknown[] = [];
    for await (const event of stream) events.push(event);
    const recorded = [...response.sse!.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!));
    expect(events.map((event) => (event as { delta?: string }).delta)).toEqual(recorded.map(({ delta }) => delta));
    expect(events.at(-1)).toMatchObject({ text: recorded.at(-1).text, usage: recorded.at(-1).usage });
  });

  test.each([
    ["deepgram", "v1-listen", "deepgram/nova-3-general", "/listen?model=nova-3-general"],
    ["elevenlabs", "speech-to-text", "elevenlabs/scribe_v1", "/speech-to-text"],
    ["openai", "audio-transcriptions", "openai/whisper-1", "/audio/transcriptions"],
  ] as const)("of %s are read as they were recorded, and become subtitles", async (provider, api, model, path) => {
    const response = recordings({ api, provider })
      .flatMap((row) => exchangesOf(row))
      .find(({ response: { body } }) => body !== undefined && JSON.stringify(body).includes('"start"'))!.response;
    upstream.answering = replay(response);
    const text = JSON.stringify(response.body);
    const answer = await client.audio.transcriptions.create({ model, file: await file(await wav("x")), response_format: "verbose_json" });
    expect(text).toContain(JSON.stringify(answer.text).slice(1, 40));
    upstream.answering = replay(response);
    const srt = String(await client.audio.transcriptions.create({ model, file: await file(await wav("x")), response_format: "srt" }));
    expect(srt).toMatch(/^1\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}\n\S/);
    expect(upstream.requests.at(-1)!.path).toContain(path);
  });

  test.each([
    ["no sound at all", Buffer.from("this is a text"), {}, "invalid_file_format", "file"],
    ["too much of it", Buffer.concat([Buffer.from("RIFF....WAVE"), Buffer.alloc(2_000_001)]), {}, "file_too_large", "file"],
    ["an unknown format", Buffer.from("RIFF....WAVE"), { response_format: "docx" }, "invalid_request", "response_format"],
    ["a bad temperature", Buffer.from("RIFF....WAVE"), { temperature: "hot" }, "invalid_request", "temperature"],
    ["no model", Buffer.from("RIFF....WAVE"), { model: "" }, "invalid_model", "model"],
  ])("with %s are refused, naming the field", async (_, bytes, fields, code, param) => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: "sim/listener", ...fields })) form.append(name, value);
    form.append("file", new File([bytes], "speech.wav"));
    const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: "POST", body: form });
    const { error } = (await answer.json()) as { error: { code: string; param: string } };
    expect([answer.status, error.code, error.param]).toEqual([400, code, param]);
  });

  test("of a body that is no form, or one that a web page sends, are not read", async () => {
    expect((await gateway.post("/v1/audio/transcriptions", { model: "sim/listener" })).status).toBe(415);
    const form = new FormData();
    form.append("model", "sim/listener");
    const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: "POST",
      body: form,
      headers: { origin: "https://evil.example" },
    });
    expect(answer.status).toBe(415);
  });
});
