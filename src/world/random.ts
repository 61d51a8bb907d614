/** Chance, as an argument. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). Allocates nothing. */
  unit(): number;
  /** A new identifier that no other has: 36 characters, sorted by time of making (UUID version 7). */
  uuid(): string;
}

/** The machine's own chance: good enough to spread load and to name requests, not for secrets. */
export const systemRandom: Random = {
  unit: () => Math.random(),
  uuid: () => Bun.randomUUIDv7(),
};
