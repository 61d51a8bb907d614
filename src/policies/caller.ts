import type { Rights } from "./rights.ts";

/** Who is asking: one key, and to whom it belongs. */
export interface Caller {
  /** The key's public id; `anonymous` where none was given and none was needed. */
  readonly keyId: string;
  /** The operator's name for it. */
  readonly keyName: string;
  readonly team: string | undefined;
  readonly organisation: string | undefined;
  /** What it may do; undefined: everything that a client may. Nobody administers the gateway by such a key. */
  readonly rights: Rights | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whoever comes without a key where none is needed. */
export const ANONYMOUS: Caller = {
  keyId: "anonymous",
  keyName: "anonymous",
  team: undefined,
  organisation: undefined,
  rights: undefined,
  tags: {},
};
