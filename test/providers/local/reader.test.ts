import { describe, expect, test } from "bun:test";
import type { UnreadPage } from "../../../src/providers/local/page.ts";
import { Reader } from "../../../src/providers/local/reader.ts";
import { systemClock } from "../../../src/world/clock.ts";

const { signal } = new AbortController();

function page(html: string): UnreadPage {
  return { url: "https://site.example/", contentType: "text/html", body: Buffer.from(html), format: "text" };
}

/** It takes minutes: each element is looked at once for every one that it lies in. */
const ENDLESS = page(`${"<div>".repeat(500)}${"<p>x</p><b>y</b>".repeat(9_000)}`);

describe("the reader", () => {
  test("reads pages in threads, as many as come, and gives each its own", async () => {
    const reader = new Reader(systemClock);
    const numbers = Array.from({ length: 8 }, (_, at) => at);
    const pages = await Promise.all(numbers.map((number) => reader.read(page(`<title>${number}</title><p>page ${number}`), signal)));
    expect(pages.map(({ title, content }) => [title, content])).toEqual(numbers.map((number) => [String(number), `page ${number}`]));
    reader.close();
  });

  test("says why a page can not be read, and reads the next", async () => {
    const reader = new Reader(systemClock);
    const pdf = { ...page("%PDF"), contentType: "application/pdf" };
    expect(await reader.read(pdf, signal).catch((error) => error)).toMatchObject({ name: "UnreadablePage" });
    expect((await reader.read(page("<p>next"), signal)).content).toBe("next");
    reader.close();
  });

  test("ends a page that takes too long, holds up nothing meanwhile, and reads the next", async () => {
    const reader = new Reader(systemClock, 700);
    let turns = 0;
    const turning = setInterval(() => turns++, 5);
    const slow = await reader.read(ENDLESS, signal).catch((error) => error);
    clearInterval(turning);
    expect(slow).toMatchObject({ name: "UnreadablePage", message: "It takes longer than 700 ms to read." });
    expect(turns).toBeGreaterThan(20);
    const patient = new Reader(systemClock);
    expect((await patient.read(page("<p>next"), signal)).content).toBe("next");
    reader.close();
    patient.close();
  });

  test("leaves a page that nobody waits for", async () => {
    const reader = new Reader(systemClock);
    const leaving = new AbortController();
    const left = reader.read(ENDLESS, leaving.signal).catch((error) => error);
    const reason = new Error("gone");
    leaving.abort(reason);
    expect(await left).toBe(reason);
    expect(await reader.read(page("<p>x"), leaving.signal).catch((error) => error)).toBe(reason);
    expect((await reader.read(page("<p>next"), signal)).content).toBe("next");
    reader.close();
  });

  test("takes so many at a time and refuses more", async () => {
    const reader = new Reader(systemClock);
    const leaving = new AbortController();
    const all = Array.from({ length: 40 }, () => reader.read(ENDLESS, leaving.signal).catch((error) => error));
    expect(await all[39]).toMatchObject({ name: "ReaderBusy" });
    leaving.abort(new Error("gone"));
    const names = (await Promise.all(all)).map(({ name }) => name);
    expect(names.filter((name) => name === "ReaderBusy")).toHaveLength(6);
    expect((await reader.read(page("<p>next"), signal)).content).toBe("next");
    reader.close();
  });
});
