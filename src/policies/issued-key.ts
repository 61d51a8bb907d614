import type { KeyRow } from "../ledger/schema.ts";
import { makeKey } from "./key-format.ts";
import type { RightsData } from "./rights.ts";
import type { StoredRights } from "./stored-keys.ts";

/** What a key that is made at run time is to be. */
export interface KeyWish {
  readonly name: string;
  readonly team?: string | undefined;
  readonly organisation?: string | undefined;
  readonly rights: StoredRights;
  /** What it begins with: scanners of secrets tell a test's from one that matters. */
  readonly mode: "live" | "test";
}

/** Makes a key. `key` is shown once; `row` is what is kept. */
export function issueKey(
  wish: KeyWish,
  epochMs: number,
  randomBytes: (count: number) => Uint8Array,
): { readonly key: string; readonly row: KeyRow } {
  const { id, key, sha256 } = makeKey(wish.mode, randomBytes);
  const row: KeyRow = {
    id,
    name: wish.name,
    sha256,
    sha256Previous: null,
    previousUntilEpochMs: null,
    team: wish.team ?? null,
    organisation: wish.organisation ?? null,
    rights: JSON.stringify(wish.rights),
    createdEpochMs: epochMs,
    revokedEpochMs: null,
  };
  return { key, row };
}

/** What a stored key is good for now. */
export type KeyState = "active" | "rotating" | "expired" | "revoked";

/** A stored key as it may be shown: nothing of its secrets, not even their digests. */
export interface ShownKey extends Omit<KeyRow, "sha256" | "sha256Previous" | "rights"> {
  readonly rights: StoredRights;
  readonly state: KeyState;
}

/** Shows a stored key. */
export function shownKey({ sha256: _, sha256Previous: __, rights: json, ...row }: KeyRow, epochMs: number): ShownKey {
  const rights = JSON.parse(json) as StoredRights; // Only `omni keys` and the administration write it.
  return { ...row, rights, state: stateOf(row, rights, epochMs) };
}

function stateOf(
  { revokedEpochMs, previousUntilEpochMs }: Pick<KeyRow, "revokedEpochMs" | "previousUntilEpochMs">,
  { expiresEpochMs = Number.POSITIVE_INFINITY }: RightsData,
  epochMs: number,
): KeyState {
  if (revokedEpochMs !== null) return "revoked";
  if (expiresEpochMs <= epochMs) return "expired";
  return (previousUntilEpochMs ?? 0) > epochMs ? "rotating" : "active";
}
