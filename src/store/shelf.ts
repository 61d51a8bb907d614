/** An entry as it lies on a shelf. Times by the wall clock, for they have to mean something to the next process. */
export interface ShelvedEntry {
  readonly value: Uint8Array;
  readonly storedEpochMs: number;
  readonly expiresEpochMs: number;
}

/** Where entries lie that are to be found again after a restart. Never throws: what fails is as if it were not there. */
export interface Shelf {
  get(tenant: string, key: string): ShelvedEntry | undefined;
  put(tenant: string, key: string, entry: ShelvedEntry): void;
  delete(tenant: string, key: string): void;
  /** Brings down what was not yet written. After that there is nothing here, and nothing is taken. */
  close(): void;
}
