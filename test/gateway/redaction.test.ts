import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Redaction } from "../../src/gateway/redaction.ts";

describe("Redaction", () => {
  const redaction = new Redaction(["sk-secret-one", "sk-secret-two", "short", "sk-secret-one"]);

  test.each([
    { claim: "leaves alone what holds none", text: "nothing here", clean: "nothing here" },
    {
      claim: "takes out each, wherever it stands",
      text: "sk-secret-one, sk-secret-twosk-secret-one",
      clean: "[redacted], [redacted][redacted]",
    },
    { claim: "takes no word for a secret that is as short as one", text: "a short one", clean: "a short one" },
  ])("$claim", ({ text, clean }) => {
    expect(redaction.text(text)).toBe(clean);
    expect(Buffer.from(redaction.bytes(Buffer.from(text))).toString()).toBe(clean);
  });

  test("takes a secret out in whatever letters it comes, and wherever it stands among them", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
      minLength: 12,
      maxLength: 60,
    });
    const around = fc.string({ maxLength: 20 });
    const writing = fc.constantFrom<((text: string) => string)[]>(
      (text) => text,
      (text) => JSON.stringify(text),
      (text) => JSON.stringify({ deep: JSON.stringify(text) }).replaceAll("\\\\", "\\"),
      encodeURIComponent,
      (text) => Buffer.from(text).toString("base64"),
      (text) => Buffer.from(text).toString("base64url"),
      (text) => Buffer.from(text).toString("hex"),
      (text) => Buffer.from(text).toString("hex").toUpperCase(),
    );
    const reading: ((text: string) => string)[] = [
      (text) => text,
      (text) => text.replace(/\\(.)/g, "$1"),
      (text) => text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      (text) => Buffer.from(text, "base64").toString("latin1"),
      (text) => Buffer.from(text, "base64url").toString("latin1"),
      (text) => Buffer.from(text, "hex").toString("latin1"),
    ];
    fc.assert(
      fc.property(printable, around, around, writing, (secret, before, after, write) => {
        fc.pre(![before, after].some((text) => text.includes(secret)));
        const clean = new Redaction([secret]).text(write(before + secret + after));
        // In no way that it can be read is it there any more.
        for (const read of reading) expect(read(clean).includes(secret)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("gives the same bytes back where there is nothing to do", () => {
    const bytes = new Uint8Array(Buffer.from("xx nothing here")).subarray(3);
    expect(redaction.bytes(bytes)).toBe(bytes);
  });
});
