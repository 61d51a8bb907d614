import { describe, expect, test } from "bun:test";
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

  test("gives the same bytes back where there is nothing to do", () => {
    const bytes = new Uint8Array(Buffer.from("xx nothing here")).subarray(3);
    expect(redaction.bytes(bytes)).toBe(bytes);
  });
});
