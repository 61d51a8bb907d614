import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NDJSON_LINE_BYTES_MAX, NdjsonReader } from "../../src/bytes/ndjson.ts";

interface Read {
  readonly lines: string[];
  readonly out: string;
  readonly rest: string | undefined;
}

function read(chunks: readonly Uint8Array[]): Read {
  const reader = new NdjsonReader();
  const lines: string[] = [];
  const out: Uint8Array[] = [];
  const line = (): string => Buffer.from(reader.data.subarray(reader.dataStart, reader.dataEnd)).toString();
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next()) lines.push(line());
    out.push(reader.take().slice());
  }
  const rest = reader.finish() === "event" ? line() : undefined;
  return { lines, out: Buffer.concat(out).toString(), rest };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("NdjsonReader", () => {
  test.each([
    ["one line", '{"a":1}\n', ['{"a":1}'], undefined],
    ["two lines in one piece", "1\n2\n", ["1", "2"], undefined],
    ["a line with CRLF, whose CR is white space to JSON", "1\r\n2\n", ["1\r", "2"], undefined],
    ["blank lines, which mean nothing", "\n \r\n1\n\n\n", ["1"], undefined],
    ["a last line without its end", "1\n2", ["1"], "2"],
    ["nothing", "", [], undefined],
    ["white space alone", " \t\n ", [], undefined],
  ] as const)("finds %s", (_, text, lines, rest) => {
    const found = read([bytes(text)]);
    expect(found.lines).toEqual([...lines]);
    expect(found.rest).toBe(rest as string);
  });

  test("finds the same wherever it is cut, and hands out the bytes as they came", () => {
    const text = fc
      .array(fc.constantFrom('{"a":"é😀"}', "{}", "", " ", "\r", "x".repeat(300)), { maxLength: 8 })
      .map((all) => all.join("\n"));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (said, cuts) => {
        const all = bytes(said);
        const borders = [0, ...cuts.map((cut) => (all.length === 0 ? 0 : cut % all.length)).sort((a, b) => a - b), all.length];
        const pieces = borders.slice(1).map((end, index) => all.slice(borders[index], end));
        const found = read(pieces);
        const whole = read([all]);
        expect(found.lines).toEqual(whole.lines);
        expect(found.rest).toBe(whole.rest as string);
        expect(said.startsWith(found.out)).toBeTrue();
        expect(found.out).toBe(whole.out);
      }),
    );
  });

  test("gives back the chunk itself when it ends with a line", () => {
    const reader = new NdjsonReader();
    const chunk = bytes("1\n2\n");
    reader.push(chunk);
    while (reader.next());
    expect(reader.take()).toBe(chunk);
  });

  test("can leave the latest line out", () => {
    const reader = new NdjsonReader();
    reader.push(bytes("1\n2\n"));
    reader.next();
    reader.next();
    expect(Buffer.from(reader.takeBefore()).toString()).toBe("1\n");
  });

  test.each(["with its end", "without it"])("refuses a line that is too long, %s", (how) => {
    const reader = new NdjsonReader();
    const line = Buffer.alloc(NDJSON_LINE_BYTES_MAX + 1, 0x61);
    reader.push(bytes("1\n"));
    expect(reader.next()).toBeTrue();
    reader.take();
    for (let at = 0; at < line.length; at += 100_000) reader.push(line.subarray(at, at + 100_000));
    if (how === "with its end") reader.push(bytes("\n2\n"));
    expect(reader.next()).toBeFalse();
    expect(reader.tooLong).toBeTrue();
    expect(reader.next()).toBeFalse();
  });

  test("takes the longest line that is allowed", () => {
    const reader = new NdjsonReader();
    reader.push(Buffer.alloc(NDJSON_LINE_BYTES_MAX, 0x61));
    expect(reader.next()).toBeFalse();
    expect(reader.tooLong).toBeFalse();
    reader.push(bytes("\n"));
    expect(reader.next()).toBeTrue();
  });
});
