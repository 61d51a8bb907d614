import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OmniError } from "../../src/ir/failure.ts";
import { WIRES } from "../../src/wire/index.ts";

// Every format of another kind of work than chat is found here by itself.
const clients = WIRES.filter(({ operation, downstream }) => operation !== "chat" && downstream !== undefined);

/** What a client may send that was never meant well. */
const hostile = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .dictionary(
      fc.constantFrom("model", "input", "query", "documents", "prompt", "url", "voice", "size", "n", "__proto__", "stream"),
      fc.jsonValue(),
    )
    .map((object) => Buffer.from(JSON.stringify(object))),
);

describe.each(clients.map((wire) => [wire.name, wire] as const))("%s", (_, { downstream }) => {
  const { sample, readHead, task, takes } = downstream!;
  const contentType = takes === "form" ? "multipart/form-data; boundary=b" : "application/json";

  test("shows a request that works as it is, if it is JSON", () => {
    if (takes === "form") return expect(sample).toBeUndefined();
    const body = Buffer.from(JSON.stringify(sample));
    expect(() => readHead(body, "", "", contentType)).not.toThrow();
    expect(() => task!.decodeRequest(body, contentType)).not.toThrow();
  });

  test("refuses what it can not read in its clients' words, and throws nothing else", () => {
    fc.assert(
      fc.property(hostile, (body) => {
        for (const read of [() => readHead(body, "", "", contentType), () => task!.decodeRequest(body, contentType)]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(OmniError);
            expect((error as OmniError).status).toBeWithin(400, 500);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
