import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compress } from "../../../src/policies/compress/compress.ts";
import { compressBody, DEFAULT_FILTERS, type MarkedResults } from "../../../src/policies/compress/compress-body.ts";
import { findToolResults } from "../../../src/policies/compress/tool-results.ts";
import { turnsOf, WRITERS } from "./conversation.ts";

const WIRES = Object.keys(WRITERS);
const PASSES = `PASS a.test.js\n${Array.from({ length: 60 }, (_, index) => `  ✓ adds "${index}" \\ items (${index} ms)`).join("\n")}\nTests: 60 passed, 60 total\n`;
const SHORT = compress(PASSES, { command: "npx jest" }, DEFAULT_FILTERS)!.text;

function bytesOf(body: unknown): Buffer {
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

describe.each(WIRES)("in %s", (wire) => {
  const write = WRITERS[wire]!;
  const jest = [{ command: "cd web && CI=1 npx jest 2>&1 | tail -200", output: PASSES }];

  test("a result is found with its command, and only its text changes", () => {
    const body = bytesOf(write(jest));
    const { spans } = findToolResults(wire, body);
    expect(spans).toHaveLength(1);
    const { start, end, call } = spans[0]!;
    expect(JSON.parse(body.toString("utf8", start, end))).toBe(PASSES);
    expect(call.command).toContain("npx jest");
    const { body: shorter, savings } = compressBody(wire, body);
    expect(savings).toEqual([{ filter: "test-jest", bytesBefore: Buffer.byteLength(PASSES), bytesAfter: Buffer.byteLength(SHORT) }]);
    expect(Buffer.from(shorter).toString()).toBe(body.toString().replace(JSON.stringify(PASSES), () => JSON.stringify(SHORT)));
  });

  test("white space and odd escapes around it stay as they are", () => {
    const pretty = JSON.stringify(write(jest), null, 3).replace("Mend", "\\u004dend \\/ \\ud83d\\ude00");
    const { body, savings } = compressBody(wire, bytesOf(pretty));
    expect(savings).toHaveLength(1);
    expect(Buffer.from(body).toString()).toBe(pretty.replace(JSON.stringify(PASSES), () => JSON.stringify(SHORT)));
  });

  test("a body in which nothing is saved is the same object", () => {
    for (const output of ["short", "x".repeat(600), `error\n${"line\n".repeat(2)}`]) {
      const body = bytesOf(write([{ command: "make", output }]));
      expect(compressBody(wire, body).body).toBe(body);
    }
    const broken = bytesOf(`${JSON.stringify(write(jest))}}`);
    expect(compressBody(wire, broken).body).toBe(broken);
  });

  test("doing it twice is doing it once", () => {
    const once = compressBody(wire, bytesOf(write(turnsOf(60)))).body;
    expect(compressBody(wire, once)).toEqual({ body: once, savings: [] });
  });

  test("over 200 turns, what was sent stays what it was", () => {
    const turns = turnsOf(200);
    let before = Buffer.alloc(0);
    let saved = 0;
    for (let count = 1; count <= turns.length; count += count < 20 ? 1 : 20) {
      const { body, savings } = compressBody(wire, bytesOf(write(turns.slice(0, count))));
      const now = Buffer.from(body);
      // Up to the brackets that close the list and the body.
      const prefix = before.subarray(0, before.lastIndexOf("]"));
      expect(now.subarray(0, prefix.length).equals(prefix)).toBe(true);
      before = now;
      saved = savings.length;
    }
    expect(saved).toBeGreaterThan(40);
  });

  test("any text comes through: what is left decodes to what compressing the text gives", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("  ✓ ok", 'say "x"', "\\n", "\u2028", "\ud800", "error \udc00"),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 40, maxLength: 200 }), (lines) => {
        const output = `PASS a.js\n${lines.join("\n")}\n${"  ✓ same\n".repeat(40)}`;
        const body = bytesOf(write([{ command: "npx jest", output }]));
        const expected = compress(output, { command: "npx jest" }, DEFAULT_FILTERS);
        const { body: after, savings } = compressBody(wire, body);
        expect(savings).toHaveLength(expected === undefined ? 0 : 1);
        if (expected === undefined) return;
        expect(JSON.parse(Buffer.from(after).toString())).toEqual(
          JSON.parse(JSON.stringify(write([{ command: "npx jest", output: expected.text }]))),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe("what must not be touched", () => {
  const anthropic = (block: object, more: readonly object[] = []) =>
    bytesOf({
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "a", name: "Bash", input: { command: "npx jest" } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: PASSES, ...block }, ...more] },
      ],
    });

  test.each([
    { claim: "a result that is an error", body: anthropic({ is_error: true }), wire: "anthropic-messages" },
    {
      claim: "an image in a result",
      body: anthropic({ content: [{ type: "image", source: { type: "base64", data: "A".repeat(4000), text: PASSES } }] }),
      wire: "anthropic-messages",
    },
    {
      claim: "a response of Gemini that tells an error",
      wire: "gemini-generate",
      body: bytesOf({ contents: [{ parts: [{ functionResponse: { name: "bash", response: { error: "e", output: PASSES } } }] }] }),
    },
    {
      claim: "a response of Gemini that is signed",
      wire: "gemini-generate",
      body: bytesOf({
        contents: [{ parts: [{ thoughtSignature: "s", functionResponse: { name: "bash", response: { output: PASSES } } }] }],
      }),
    },
    {
      claim: "a user who writes the same",
      wire: "openai-chat",
      body: bytesOf({ messages: [{ role: "user", content: PASSES, x: "tool" }] }),
    },
    {
      claim: "a key that comes twice",
      wire: "openai-chat",
      body: bytesOf(`{"messages":[{"role":"tool","content":"x","content":${JSON.stringify(PASSES)}}]}`),
    },
    { claim: "a format that is not known", wire: "no-such-wire", body: anthropic({}) },
    {
      claim: "a file that was read",
      wire: "anthropic-messages",
      body: bytesOf({
        messages: [
          { role: "assistant", content: [{ type: "tool_use", id: "a", name: "Read", input: { file_path: "/a" } }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: PASSES }] },
        ],
      }),
    },
  ])("$claim", ({ wire, body }) => {
    expect(compressBody(wire, body)).toEqual({ body, savings: [] });
  });

  const MARK = { cache_control: { type: "ephemeral" } };
  const second = { type: "tool_result", tool_use_id: "a", content: PASSES };

  test.each([
    { marked: undefined, savings: 0 },
    { marked: "leave-all", savings: 0 },
    { marked: "leave-marked", savings: 1 },
    { marked: "compress", savings: 2 },
  ] as const)("with $marked, $savings of two results change where the first has a cache breakpoint", ({ marked, savings }) => {
    const body = anthropic(MARK, [second]);
    const result = compressBody("anthropic-messages", body, marked === undefined ? {} : { marked });
    expect(result.savings).toHaveLength(savings);
    const blocks = JSON.parse(Buffer.from(result.body).toString()).messages[1].content;
    expect(blocks[0].cache_control).toEqual(MARK.cache_control);
    expect(blocks[0].content).toBe(savings === 2 ? SHORT : PASSES);
    expect(blocks[1].content).toBe(savings === 0 ? PASSES : SHORT);
  });

  /** As coding agents do it: the breakpoint is always on the last result. */
  function markedPrefixesStay(marked: MarkedResults): boolean {
    const write = WRITERS["anthropic-messages"]!;
    const contents: string[] = [];
    for (let count = 1; count <= 6; count++) {
      const body = JSON.parse(JSON.stringify(write(Array(count).fill({ command: "npx jest", output: PASSES }))));
      body.messages.at(-1).content[0].cache_control = { type: "ephemeral" };
      const { messages } = JSON.parse(Buffer.from(compressBody("anthropic-messages", bytesOf(body), { marked }).body).toString());
      contents.push(JSON.stringify(messages, (key, value) => (key === "cache_control" ? undefined : value)).slice(0, -1));
    }
    return contents.every((content, index) => index === 0 || content.startsWith(contents[index - 1]!));
  }

  test("where breakpoints move, prefixes stay if all results are left alone or none", () => {
    expect(markedPrefixesStay("leave-all")).toBe(true);
    expect(markedPrefixesStay("compress")).toBe(true);
    // The reason why leaving only marked results alone is not the default.
    expect(markedPrefixesStay("leave-marked")).toBe(false);
  });
});

test("results of the Responses format are found in every shape", () => {
  const body = bytesOf({
    input: [
      { type: "local_shell_call", call_id: "a", action: { type: "exec", command: ["bash", "-lc", "npx jest"] } },
      { type: "local_shell_call_output", call_id: "a", output: PASSES },
      { type: "shell_call", call_id: "b", action: { commands: ["npx jest"] } },
      { type: "shell_call_output", call_id: "b", output: [{ stdout: PASSES, stderr: "", outcome: { type: "exit", exit_code: 0 } }] },
      { type: "custom_tool_call", call_id: "c", name: "shell", input: "npx jest" },
      { type: "custom_tool_call_output", call_id: "c", output: [{ type: "input_text", text: PASSES }] },
    ],
  });
  expect(compressBody("openai-responses", body).savings.map(({ filter }) => filter)).toEqual(["test-jest", "test-jest", "test-jest"]);
});

test("calls without ids are answered in their order", () => {
  const call = (command: string) => ({ functionCall: { name: "shell", args: { command } } });
  const answer = { functionResponse: { name: "shell", response: { output: PASSES } } };
  const body = bytesOf({
    contents: [
      { role: "model", parts: [call("npx jest"), call("git log")] },
      { role: "user", parts: [answer, answer] },
    ],
  });
  expect(findToolResults("gemini-generate", body).spans.map((span) => span.call.command)).toEqual(["npx jest", "git log"]);
});
