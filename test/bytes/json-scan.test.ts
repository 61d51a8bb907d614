import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { JSON_DEPTH_MAX, JsonFault, JsonScanner } from "../../src/bytes/json-scan.ts";
import { splice } from "../../src/bytes/splice.ts";

const scanner = new JsonScanner("model", "stream", "choices", "choices[]", "choices[].index", "usage.cost");

/** What was found, as text, by the number of its path. */
function found(source: string | Uint8Array, by = scanner): [number, string][] {
  const bytes = Buffer.from(source);
  const count = by.scan(bytes);
  const rows: [number, string][] = [];
  for (let at = 0; at < count; at += 3) rows.push([by.found[at]!, bytes.toString("utf8", by.found[at + 1]!, by.found[at + 2]!)]);
  return rows;
}

/** The same by way of JSON.parse, slow and plain; undefined where the scanner has to refuse. */
function twin(bytes: Uint8Array): unknown {
  try {
    const source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const json: unknown = JSON.parse(source);
    if (typeof json !== "object" || json === null || Array.isArray(json) || depthOf(json) > JSON_DEPTH_MAX) return undefined;
    return json;
  } catch {
    return undefined;
  }
}

function depthOf(json: unknown): number {
  if (typeof json !== "object" || json === null) return 0;
  return 1 + Math.max(0, ...Object.values(json).map(depthOf));
}

function refused(bytes: Uint8Array, by: JsonScanner): JsonFault | undefined {
  try {
    by.scan(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

describe("JsonScanner", () => {
  test("finds what it watches, in the order of the text, nested paths and lists included", () => {
    const source =
      ' {"a":{"model":1}, "choices" :[ {"index":0,"x":[{"index":7}]} , 5,{"index" : 12 }], "model":"gpt\\"4", "usage":{"cost":-1.5e+3,"model":2},"stream":true}\n';
    expect(found(source)).toEqual([
      [2, '[ {"index":0,"x":[{"index":7}]} , 5,{"index" : 12 }]'],
      [3, '{"index":0,"x":[{"index":7}]}'],
      [4, "0"],
      [3, "5"],
      [3, '{"index" : 12 }'],
      [4, "12"],
      [0, '"gpt\\"4"'],
      [5, "-1.5e+3"],
      [1, "true"],
    ]);
  });

  test.each([
    ["nothing", "", "it is empty (byte 0)"],
    ["white space", "  ", "it is empty (byte 2)"],
    ["a list", "[]", 'it does not begin with "{" (byte 0)'],
    ["a string", '"model"', 'it does not begin with "{" (byte 0)'],
    ["a byte order mark", '\ufeff{"model":1}', "it begins with a byte order mark (byte 0)"],
    ["a second text", '{"model":1} {}', "something follows after its end (byte 12)"],
    ["a cut", '{"model":"x"', "it breaks off (byte 12)"],
    ["a cut string", '{"model":"x', "a string does not end (byte 9)"],
    ["a missing colon", '{"model" "x"}', 'a colon was expected, not """ (byte 9)'],
    ["a missing comma", '{"a":1 "b":2}', 'a comma or "}" was expected, not """ (byte 7)'],
    ["a comma too much", '{"a":1,}', 'a key was expected, not "}" (byte 7)'],
    ["a comma too much in a list", '{"a":[1,]}', 'a value was expected, not "]" (byte 8)'],
    ["a comma first", '{"a":[,1]}', 'a value was expected, not "," (byte 6)'],
    ["brackets that do not match", '{"a":[1}}', 'a comma or "]" was expected, not "}" (byte 7)'],
    ["a line end in a string", '{"a":"b\nc"}', "a string has a control character that is not escaped (byte 7)"],
    ["an unknown escape", '{"a":"\\x41"}', "a string has a broken escape (byte 6)"],
    ["half an escape", '{"a":"\\u00"}', "a string has a broken escape (byte 6)"],
    ["a leading zero", '{"a":01}', 'a comma or "}" was expected, not "1" (byte 6)'],
    ["a bare point", '{"a":1.}', 'a digit was expected, not "}" (byte 7)'],
    ["NaN", '{"a":NaN}', 'a value was expected, not "N" (byte 5)'],
    ["half a word", '{"a":tru}', 'a value was expected, not "t" (byte 5)'],
    ["a key without quotes", "{a:1}", 'a key was expected, not "a" (byte 1)'],
    ["a watched key twice", '{"model":1,"b":2,"model":1}', 'the key "model" comes twice (byte 17)'],
    ["a watched key with escapes", '{"mod\\u0065l":1}', 'the key "model" must be written without escapes (byte 1)'],
    ["a watched key within, with escapes", '{"choices":[{"\\u0069ndex":1}]}', 'the key "index" must be written without escapes (byte 13)'],
  ])("refuses %s", (_, source, message) => {
    expect(refused(Buffer.from(source), scanner)?.message).toBe(message);
  });

  test("refuses what is not UTF-8, and says where it begins", () => {
    const bytes = Buffer.concat([Buffer.from('{"é�":"x'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(refused(bytes, scanner)?.message).toBe("it is not UTF-8 (byte 11)");
    expect(refused(Buffer.from('{"a":"\xff"}', "latin1"), scanner)?.message).toBe("it is not UTF-8 (byte 6)");
  });

  test("takes unwatched keys twice, and with escapes: they are the provider's business", () => {
    expect(found('{"x":1,"x":2,"\\u0078":3,"choices":[{"index":1,"index":2}]}').length).toBe(4);
  });

  test("stops at its depth, not one level before", () => {
    const nested = (depth: number) => Buffer.from(`${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`);
    expect(refused(nested(JSON_DEPTH_MAX), scanner)).toBeUndefined();
    expect(refused(nested(JSON_DEPTH_MAX + 1), scanner)?.message).toStartWith("it is nested deeper than 128 levels");
    expect(refused(Buffer.from(`{"a":${"[".repeat(1_000_000)}`), scanner)).toBeInstanceOf(JsonFault);
  });

  test("scans a part of a buffer, whatever surrounds it", () => {
    const bytes = Buffer.from('xx{"model":"y"}{"z');
    expect(scanner.scan(bytes, 2, 15)).toBe(3);
    expect(scanner.found.slice(0, 3)).toEqual([0, 11, 14]);
  });

  const members = fc.dictionary(fc.constantFrom("model", "stream", "choices", "usage", "a", "é", '"', "\\"), fc.jsonValue({ maxDepth: 4 }));

  test("agrees with JSON.parse about any object", () => {
    const top = new JsonScanner("model", "stream", "choices", "usage");
    fc.assert(
      fc.property(members, fc.constantFrom(undefined, 1, "\t"), (json, indent) => {
        const bytes = Buffer.from(JSON.stringify(json, null, indent));
        const count = top.scan(bytes);
        const names = ["model", "stream", "choices", "usage"];
        const seen: Record<string, unknown> = {};
        for (let at = 0; at < count; at += 3) {
          seen[names[top.found[at]!]!] = JSON.parse(bytes.toString("utf8", top.found[at + 1]!, top.found[at + 2]!));
        }
        expect(seen).toEqual(
          JSON.parse(JSON.stringify(Object.fromEntries(names.filter((name) => name in json).map((name) => [name, json[name]])))),
        );
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  // Long enough, at every alignment, for strings to be read four bytes at a time.
  const long = fc.tuple(fc.string({ unit: "binary", minLength: 0, maxLength: 60 }), fc.nat(8), members).map(([word, shift, json]) => {
    const bytes = Buffer.from(JSON.stringify({ pad: "p".repeat(shift), ...json, text: word.repeat(30), fill: "-".repeat(1100) }));
    return bytes;
  });
  const mutation = fc.record({
    at: fc.nat(),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[],:0-.eE+tn\n\x1f\x80'))),
    kind: fc.constantFrom("set", "insert", "delete", "cut"),
  });

  test("refuses exactly what JSON.parse refuses, in texts that were tampered with", () => {
    const nothing = new JsonScanner();
    let bad = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          long,
          members.map((json) => Buffer.from(JSON.stringify(json))),
        ),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.nat(3),
        (source, mutations, shift) => {
          let bytes: Uint8Array = source;
          for (const { at, byte, kind } of mutations) {
            const place = bytes.length === 0 ? 0 : at % bytes.length;
            if (kind === "cut") bytes = bytes.subarray(0, place);
            else
              bytes = splice(
                bytes,
                place,
                Math.min(bytes.length, place + (kind === "insert" ? 0 : 1)),
                kind === "delete" ? new Uint8Array() : Buffer.from([byte]),
              );
          }
          const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
          const wanted = twin(bytes) === undefined;
          if (wanted) bad++;
          expect(refused(moved, nothing) !== undefined).toBe(wanted);
        },
      ),
      { numRuns: 800, seed: 7 },
    );
    expect(bad).toBeGreaterThan(200);
  });
});

describe("splice", () => {
  test("puts bytes in the place of others, of any length", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.nat(20), fc.nat(20), (bytes, put, from, length) => {
        const start = Math.min(from, bytes.length);
        const end = Math.min(start + length, bytes.length);
        expect([...splice(bytes, start, end, put)]).toEqual([...bytes.slice(0, start), ...put, ...bytes.slice(end)]);
      }),
    );
  });
});
