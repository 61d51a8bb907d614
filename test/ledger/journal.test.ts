import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Journal, type JournalDisk, segmentName } from "../../src/ledger/journal.ts";
import { decodeRecord, type LedgerRecord, RecordEncoder } from "../../src/ledger/record.ts";
import { readSegment } from "../../src/ledger/segment.ts";
import { opened, outcome, temporaryFolder } from "./samples.ts";

const open = (requestId: string): LedgerRecord => ({ type: "open", opened: opened(requestId) });

describe("a record", () => {
  test.each([
    {
      claim: "of a beginning",
      record: { type: "open", opened: opened("a", 2, { stream: true, price: "cafe", keyId: undefined, team: undefined }) },
    },
    {
      claim: "of an end",
      record: { type: "settle", requestId: "a", attempt: 2, outcome: outcome({ losses: ["tools", "x\ny"], failure: "upstream_reset" }) },
    },
    {
      claim: "of an end without usage",
      record: { type: "settle", requestId: "a", attempt: 1, outcome: outcome({ usage: undefined, costNanoUsd: undefined }) },
    },
    { claim: "of words in any script", record: { type: "open", opened: opened("ä€😀", 1, { route: "ключ\u2028\n" }) } },
  ] as const)("$claim reads as it was written", ({ record }) => {
    const line = new RecordEncoder().encode(record as LedgerRecord);
    expect(decodeRecord(line.subarray(0, -1))).toEqual(record as LedgerRecord);
    expect(line.indexOf(10)).toBe(line.length - 1);
  });

  test("with any one bit turned over is not taken for a record", () => {
    const line = new RecordEncoder().encode(open("0193")).slice(0, -1);
    for (let at = 0; at < line.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const spoilt = line.slice();
        spoilt[at]! ^= 1 << bit;
        expect(decodeRecord(spoilt)).toBeUndefined();
      }
    }
  });

  test("survives a record before it that was longer", () => {
    const encoder = new RecordEncoder();
    encoder.encode(open("x".repeat(20_000)));
    expect(decodeRecord(encoder.encode(open("y")).subarray(0, -1))).toEqual(open("y"));
  });
});

describe("a segment", () => {
  test("cut anywhere gives the whole lines before the cut, and waits for the rest while it is being written", () => {
    using folder = temporaryFolder();
    const encoder = new RecordEncoder();
    const bytes = Buffer.concat([encoder.encode(open("a")).slice(), encoder.encode(open("b")).slice()]);
    const first = bytes.indexOf(10) + 1;
    const path = join(folder.path, "cut");
    for (let cut = 0; cut <= bytes.length; cut++) {
      writeFileSync(path, bytes.subarray(0, cut));
      const [growing, over] = [readSegment(path, 0, false), readSegment(path, 0, true)];
      const whole = cut < first ? 0 : cut < bytes.length ? 1 : 2;
      expect([growing.records.length, over.records.length]).toEqual([whole, whole]);
      expect(growing.end).toBe([0, first, bytes.length][whole]!);
      expect(over.end).toBe(cut);
      expect(growing.spoilt).toBe(0);
      expect(over.spoilt).toBe(cut === 0 || cut === first || cut === bytes.length ? 0 : 1);
    }
  });

  test("of rubbish without an end is passed over", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "rubbish");
    const line = new RecordEncoder().encode(open("a"));
    writeFileSync(path, Buffer.concat([Buffer.alloc(3 << 20, 7), Buffer.from("\n"), line]));
    const seen: LedgerRecord[] = [];
    let start = 0;
    for (let turn = 0; turn < 10; turn++) {
      const piece = readSegment(path, start, false);
      seen.push(...piece.records);
      start = piece.end;
    }
    expect(seen).toEqual([open("a")]);
  });
});

/** A disk that refuses when it is told to. */
class MoodyDisk implements JournalDisk {
  readonly files: { readonly path: string; bytes: Buffer }[] = [];
  mood: "well" | "full" | "broken" | "short" = "well";
  asked = 0;

  create(path: string): number {
    if (this.mood === "full") throw new Error("ENOSPC");
    this.files.push({ path, bytes: Buffer.alloc(0) });
    return this.files.length - 1;
  }

  write(handle: number, bytes: Uint8Array): number {
    this.asked++;
    if (this.mood === "full") throw new Error("ENOSPC");
    const taken = this.mood === "short" ? bytes.length >> 1 : bytes.length;
    const file = this.files[handle]!;
    file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, taken)]);
    // A disk that fails may have done it all the same.
    if (this.mood === "broken") throw new Error("EIO");
    return taken;
  }

  close(): void {}

  /** What a reader finds. */
  ids(): string[] {
    return this.files.flatMap(({ bytes }) =>
      bytes
        .toString("latin1")
        .split("\n")
        .map((line) => decodeRecord(Buffer.from(line, "latin1")))
        .flatMap((record) => (record?.type === "open" ? [record.opened.requestId] : [])),
    );
  }
}

describe("a journal", () => {
  const journalOn = (disk: JournalDisk, folder: string, more: object = {}): Journal => new Journal({ folder, owner: "me", disk, ...more });

  test("gives the operating system each record before it returns", () => {
    using folder = temporaryFolder();
    const journal = new Journal({ folder: folder.path, owner: "me" });
    journal.append(open("a"), 0);
    expect(readFileSync(join(folder.path, segmentName("me", 0)), "utf8")).toContain('"a"');
    journal.close(0);
  });

  test("begins another segment when one is full", () => {
    using folder = temporaryFolder();
    const disk = new MoodyDisk();
    const journal = journalOn(disk, folder.path, { segmentBytesMax: 300 });
    for (const id of ["a", "b", "c", "d", "e"]) journal.append(open(id), 0);
    expect(disk.files.length).toBeGreaterThan(1);
    expect(disk.ids()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test.each(["full", "broken", "short"] as const)(
    "loses nothing on a disk that is %s for a while, and never writes behind a torn line",
    (mood) => {
      using folder = temporaryFolder();
      const disk = new MoodyDisk();
      const journal = journalOn(disk, folder.path);
      journal.append(open("before"), 0);
      disk.mood = mood;
      for (const id of ["a", "b"]) expect(journal.append(open(id), 1)).toBe(true);
      expect(journal.failure).toBeInstanceOf(Error);
      disk.mood = "well";
      journal.append(open("after"), 10_000);
      expect(journal.failure).toBeUndefined();
      expect([...new Set(disk.ids())]).toEqual(["before", "a", "b", "after"]);
    },
  );

  test("does not ask a disk that refuses at every record", () => {
    using folder = temporaryFolder();
    const disk = new MoodyDisk();
    const journal = journalOn(disk, folder.path);
    journal.append(open("first"), 0);
    disk.mood = "full";
    for (let count = 0; count < 100; count++) journal.append(open(`${count}`), 1);
    expect(disk.asked).toBe(2);
  });

  test("has no room once memory is full or the time is over, says so, and has room again when the disk is well", () => {
    using folder = temporaryFolder();
    const disk = new MoodyDisk();
    const journal = journalOn(disk, folder.path, { bufferBytesMax: 500, bufferMsMax: 1_000 });
    disk.mood = "full";
    expect(journal.append(open("a"), 0)).toBe(true);
    expect([journal.hasRoom(0), journal.hasRoom(1_001)]).toEqual([true, false]);
    while (journal.append(open("more"), 2_000)) expect(journal.lost).toBe(0);
    expect(journal.lost).toBe(1);
    disk.mood = "well";
    expect(journal.hasRoom(5_000)).toBe(true);
    expect(disk.ids()).toContain("a");
  });
});
