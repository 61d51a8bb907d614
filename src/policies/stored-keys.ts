import type { KeyRow } from "../ledger/schema.ts";
import type { KeyEntry } from "./api-keys.ts";
import type { RightsData } from "./rights.ts";

/** What a stored key may do, and what its maker wrote on it. */
export interface StoredRights extends RightsData {
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Keys of the store as the door takes them. Revoked ones are left out; so is one whose rights can not be read, since it would open more than it should.
 * @param unreadable Told of each of those.
 */
export function entriesOf(rows: readonly KeyRow[], unreadable: (id: string, error: unknown) => void = () => {}): KeyEntry[] {
  return rows.flatMap((row) => {
    if (row.revokedEpochMs !== null) return [];
    try {
      return [entryOf(row)];
    } catch (error) {
      unreadable(row.id, error);
      return [];
    }
  });
}

function entryOf({ id, name, sha256, sha256Previous, previousUntilEpochMs, team, organisation, rights: json }: KeyRow): KeyEntry {
  const { tags = {}, ...rights } = JSON.parse(json) as StoredRights; // Only `omni keys` and the administration write it.
  const previous = sha256Previous === null ? [] : [{ sha256: sha256Previous, untilEpochMs: previousUntilEpochMs ?? 0 }];
  return {
    id,
    name,
    secrets: [{ sha256 }, ...previous],
    team: team ?? undefined,
    organisation: organisation ?? undefined,
    rights: Object.keys(rights).length === 0 ? undefined : rights,
    tags,
  };
}
