import { describe, expect, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { createLog, type LogOptions } from "../../src/telemetry/log.ts";
import { holdClock } from "../server/running.ts";

function open(format: LogOptions["format"], colour = false) {
  const clock = { ...holdClock(), epochMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) };
  const writes: string[] = [];
  return { clock, writes, log: createLog({ format, colour, clock, write: (text) => writes.push(text) }) };
}

describe("a log", () => {
  test("of JSON has one object per line, by the world's clock", () => {
    const { log, writes } = open("json");
    log.write("warn", "config refused", { line: 3, at: undefined });
    expect(writes).toEqual(['{"time":"2026-01-02T03:04:05.006Z","level":"warn","event":"config refused","line":3}\n']);
  });

  test("for people has the time of day, and quotes what has blanks", () => {
    const { log, writes } = open("pretty");
    log.write("error", "config refused", { at: "a.ts:1", what: "no such model" });
    expect(writes).toEqual(['03:04:05 ✗ config refused  at=a.ts:1 what="no such model"\n']);
  });

  test.each([{ format: "json" }, { format: "pretty" }] as const)(
    "in $format stays one line that shows no tricks, whatever a client wrote",
    ({ format }) => {
      const { log, writes } = open(format, true);
      log.write("error", "request", { path: "/a\n2026 error forged\x1b[2J\x9b\u202e\u2028\x7f" });
      const text = stripVTControlCharacters(writes.join(""));
      expect(text.indexOf("\n")).toBe(text.length - 1);
      expect([...text.slice(0, -1)].filter((character) => "\n\x1b\x9b\u202e\u2028\x7f".includes(character))).toEqual([]);
      if (format === "json") expect(JSON.parse(text).path).toBe("/a\n2026 error forged\x1b[2J\x9b\u202e\u2028\x7f");
    },
  );

  test("tells of requests as people read them, and as machines do", () => {
    const line = {
      method: "POST",
      path: "/v1/chat/completions",
      status: 200,
      headMs: 12.345,
      requestId: "id",
      target: "acme/tiny",
      attempts: "2",
    };
    const [pretty, json] = (["pretty", "json"] as const).map((format) => {
      const { log, writes } = open(format);
      log.request(line);
      log.flush();
      return writes.join("");
    });
    expect(pretty).toBe("03:04:05   POST /v1/chat/completions 200 12.3 ms  acme/tiny (attempt 2)  id\n");
    expect(JSON.parse(json ?? "")).toMatchObject({ ...line, event: "request", headMs: 12.3 });
  });

  test("gathers lines and writes them together; errors take them along at once", () => {
    const { log, writes, clock } = open("json");
    log.write("info", "a");
    log.write("info", "b");
    expect(writes).toEqual([]);
    clock.fire(0);
    expect(writes.map((text) => text.split("\n").length - 1)).toEqual([2]);
    log.write("info", "c");
    log.write("error", "d");
    expect(writes.map((text) => text.split("\n").length - 1)).toEqual([2, 2]);
    expect(clock.waiting).toBe(0);
  });

  test("does not hold back more than a little", () => {
    const { log, writes } = open("json");
    for (let line = 0; line < 1_000; line++) log.write("info", "request", { path: "/v1/chat/completions" });
    expect(writes.length).toBeGreaterThan(1);
    log.flush();
    expect(writes.join("").split("\n").length - 1).toBe(1_000);
  });
});
