import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { redacted } from "../../../src/policies/guard/finding.ts";
import { PII_KINDS, PiiFinder } from "../../../src/policies/guard/pii.ts";

const all = new PiiFinder(PII_KINDS);
const found = (text: string): string[] => all.find(text).map(({ start, end, label }) => `${label} ${text.slice(start, end)}`);

describe("personal data", () => {
  test.each([
    { text: "write to ann.lee+x@mail.example.co.uk.", finds: ["email ann.lee+x@mail.example.co.uk"] },
    { text: "<ann@example.com>, bob@example.org", finds: ["email ann@example.com", "email bob@example.org"] },
    { text: "pay with 4111 1111 1111 1111 please", finds: ["card 4111 1111 1111 1111"] },
    { text: "4111-1111-1111-1111", finds: ["card 4111-1111-1111-1111"] },
    { text: "378282246310005 or 6011111111111117", finds: ["card 378282246310005", "card 6011111111111117"] },
    { text: "card 4111111111111111 2026 12", finds: ["card 4111111111111111"] },
    { text: "DE89 3704 0044 0532 0130 00.", finds: ["iban DE89 3704 0044 0532 0130 00"] },
    { text: "GB82WEST12345698765432", finds: ["iban GB82WEST12345698765432"] },
    { text: "to NO9386011117947, now", finds: ["iban NO9386011117947"] },
    { text: "ssn 123-45-6789", finds: ["us-ssn 123-45-6789"] },
    { text: "call +49 (0)30 901820 today", finds: ["phone +49 (0)30 901820"] },
    { text: "call (212) 555-0142 or 212-555-0187", finds: ["phone (212) 555-0142", "phone 212-555-0187"] },
    { text: "host 192.168.10.254:80", finds: ["ipv4 192.168.10.254"] },
    { text: "key sk-proj-abcdefghij0123456789 here", finds: ["secret sk-proj-abcdefghij0123456789"] },
    { text: "AKIAIOSFODNN7EXAMPLE", finds: ["secret AKIAIOSFODNN7EXAMPLE"] },
  ])("is found in $text", ({ text, finds }) => {
    expect(found(text)).toEqual([...finds]);
  });

  test.each([
    "4111 1111 1111 1112",
    "1234567890123456",
    "order 9111111111111111",
    "4111111111111111x",
    "a4111111111111111",
    "DE89 3704 0044 0532 0130 01",
    "XX89370400440532013000",
    "DE8937040044053201300",
    "000-12-3456, 666-12-3456, 912-12-3456, 123-00-4567, 123-45-0000",
    "123-45-67890",
    "1.2.3.4.5",
    "256.1.1.1",
    "version 1.2.3",
    "@example.com a@b a@.com @",
    "+1 234",
    "sk-short",
    "task-force-of-many-people-in-the-city",
    "2026-11-25T05:18:06",
    "3.14159265358979",
  ])("is not found in %s", (text) => {
    expect(found(text)).toEqual([]);
  });

  test("with a checksum is found exactly where it is right", () => {
    const network = fc.constantFrom(
      ["4", 16],
      ["4", 13],
      ["51", 16],
      ["2221", 16],
      ["37", 15],
      ["36", 14],
      ["3528", 16],
      ["6011", 16],
      ["62", 19],
    );
    fc.assert(
      fc.property(network, fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 20 }), ([head, length], rest) => {
        const digits = [...String(head), ...rest].map(Number).slice(0, Number(length) - 1);
        const luhn = (all: number[]): number =>
          [...all].reverse().reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0) % 10;
        for (let check = 0; check < 10; check++) {
          const number = [...digits, check];
          expect(new PiiFinder(["card"]).find(`x ${number.join("")} x`).length).toBe(luhn(number) === 0 ? 1 : 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is replaced by what it is, and all else stays", () => {
    const text = "Ann (ann@example.com) pays 4111 1111 1111 1111.";
    expect(redacted(text, all.find(text))).toBe("Ann ([EMAIL]) pays [CARD].");
  });

  test.each([
    { claim: "signs", text: "@".repeat(200_000) },
    { claim: "local parts", text: "a".repeat(200_000) },
    { claim: "addresses that do not end", text: `${"a.".repeat(100_000)}@` },
    { claim: "digits", text: "4".repeat(200_000) },
    { claim: "groups of digits", text: "4111 ".repeat(40_000) },
    { claim: "pluses", text: "+1".repeat(100_000) },
    { claim: "brackets", text: "(2".repeat(100_000) },
    { claim: "countries", text: "DE89 ".repeat(40_000) },
    { claim: "dots", text: "1.".repeat(100_000) },
    { claim: "dashes", text: "12-".repeat(70_000) },
    { claim: "beginnings of secrets", text: "sk-".repeat(70_000) },
  ])("are looked for in time that grows with the text and no faster, also among many $claim", ({ text }) => {
    // What grew with the square of it would not be done before the test's own limit of time.
    expect(all.find(text.repeat(3)).length).toBeLessThan(text.length);
  });
});
