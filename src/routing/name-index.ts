import type { ProviderId, RouteId } from "./plan.ts";

/** Finds routes by the bytes of a name, as they stand in a request's body. Allocates nothing. */
export interface NameIndex {
  /** @returns -1 if no such name is known. */
  find(bytes: Uint8Array, start: number, end: number): RouteId | -1;
  /** The same for a path below `/v1/providers/{provider}`, where the provider's name is left out of the model's (and may be there too). */
  findAt(provider: ProviderId, bytes: Uint8Array, start: number, end: number): RouteId | -1;
  /** All names in the order of declaration, for catalogs and for "did you mean". */
  readonly names: readonly string[];
}
