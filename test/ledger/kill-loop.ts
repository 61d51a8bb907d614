import { LocalDrainer, ledgerFile } from "../../src/ledger/drainer.ts";
import { Database } from "bun:sqlite";
import { join } from "node:path";

/** What a run of kills showed. */
export interface KillReport {
  readonly kills: number;
  /** Attempts that were sent, by the word of the processes themselves. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Settled by word, and not so in the ledger. */
  readonly missing: number;
  /** Sent, and without a row. */
  readonly withoutRow: number;
  readonly duplicates: number;
  /** What the settled ones cost by word, less what they cost in the ledger. */
  readonly difference: number;
  /** Still open after the last start. */
  readonly open: number;
  /** The longest time from a process's start until it takes work. */
  readonly readyMsMax: number;
}

/**
 * Kills a process that keeps a ledger, again and again, at moments that are different each time, and holds what it said against what is there.
 * @param runMs How long the process lives from being ready on, by number of the kill.
 */
export async function killLoop(folder: string, kills: number, runMs: (kill: number) => number): Promise<KillReport> {
  const sent = new Set<string>();
  const done = new Map<string, number>();
  let readyMsMax = 0;
  for (let kill = 0; kill < kills; kill++) {
    const startNs = Bun.nanoseconds();
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "clerk.ts"), folder, String(kill)], {
      stdout: "pipe",
      stderr: "inherit",
    });
    let text = "";
    const decoder = new TextDecoder();
    let isReady = false;
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      if (isReady || !text.includes("ready\n")) continue;
      isReady = true;
      readyMsMax = Math.max(readyMsMax, (Bun.nanoseconds() - startNs) / 1e6);
      setTimeout(() => child.kill("SIGKILL"), runMs(kill));
    }
    await child.exited;
    if (!isReady) throw new Error(`The process ended before it was ready: ${child.exitCode}`);
    // A line that was cut off was not said.
    for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
      const [word, id = "", cost] = line.split(" ");
      if (word === "sent") sent.add(id);
      if (word === "done") done.set(id, Number(cost));
    }
  }
  const last = new LocalDrainer({ folder, owner: "auditor" }, 0, 5_000);
  await last.recover();
  await last.close();
  return audit(folder, kills, sent, done, readyMsMax);
}

function audit(folder: string, kills: number, sent: Set<string>, done: Map<string, number>, readyMsMax: number): KillReport {
  const database = new Database(ledgerFile(folder), { readonly: true });
  const rows = database.query("SELECT request_id AS id, state, cost_nano_usd AS cost FROM attempts").all() as {
    id: string;
    state: string;
    cost: number;
  }[];
  database.close();
  const found = new Map(rows.map((row) => [row.id, row]));
  let [missing, difference] = [0, 0];
  for (const [id, cost] of done) {
    const row = found.get(id);
    if (row?.state !== "exact") missing++;
    difference += cost - (row?.cost ?? 0);
  }
  return {
    kills,
    sent: sent.size,
    acknowledged: done.size,
    missing,
    withoutRow: [...sent].filter((id) => !found.has(id)).length,
    duplicates: rows.length - found.size,
    difference,
    open: rows.filter(({ state }) => state === "open").length,
    readyMsMax: Math.round(readyMsMax),
  };
}
