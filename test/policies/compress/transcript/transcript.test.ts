import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compressBody } from "../../../../src/policies/compress/compress-body.ts";

const GOLDEN = join(import.meta.dir, "golden");
const AFTER = join(GOLDEN, "session.after.json");

interface Session {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const before = readFileSync(join(GOLDEN, "session.json"));
const { body, savings } = compressBody("openai-chat", before);
const after = Buffer.from(body);
// To accept a change: OMNI_GOLDEN=write bun test test/policies/compress/transcript
if (process.env["OMNI_GOLDEN"] === "write") writeFileSync(AFTER, after);

const bytesOfResults = ({ messages }: Session): number =>
  messages.filter(({ role }) => role === "tool").reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
const was: Session = JSON.parse(before.toString());
const is: Session = JSON.parse(after.toString());

test("a coding session becomes exactly what it became before", () => {
  expect(after.toString()).toBe(readFileSync(AFTER, "utf8"));
});

test("at least 40 % of all results is saved, file reads included", () => {
  expect(1 - bytesOfResults(is) / bytesOfResults(was)).toBeGreaterThan(0.4);
});

test("no line is lost that the task needs", () => {
  const text = Bun.stripANSI(is.messages.map(({ content }) => content).join("\n"));
  const needed: readonly string[] = JSON.parse(readFileSync(join(GOLDEN, "survives.json"), "utf8"));
  expect(needed.filter((line) => !text.includes(line))).toEqual([]);
});

test("files that were read, edits and searches are the same, as is all that is no result", () => {
  const changed = is.messages.filter((message, index) => message.content !== was.messages[index]?.content);
  expect(changed).toHaveLength(savings.length);
  expect(changed.every(({ role }) => role === "tool")).toBe(true);
  const kept = was.messages.filter(({ content }) =>
    /^export interface Item|^const total|^The file has been edited|^toBe uses/.test(content ?? ""),
  );
  expect(kept).toHaveLength(5);
  for (const message of kept) expect(is.messages).toContainEqual(message);
});
