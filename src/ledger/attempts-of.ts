import { asc, eq } from "drizzle-orm";
import type { LedgerDatabase } from "./open.ts";
import { type AttemptRow, attempts } from "./schema.ts";

/** The attempts of one request, in order. None if the ledger does not have it, or has added it up since. */
export function attemptsOf({ drizzle }: LedgerDatabase, requestId: string): AttemptRow[] {
  return drizzle.select().from(attempts).where(eq(attempts.requestId, requestId)).orderBy(asc(attempts.attempt)).all();
}
