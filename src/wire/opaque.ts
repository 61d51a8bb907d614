import type { Opaque } from "../ir/chat-parts.ts";

const SEAL = "omni-sealed.1.";
const KINDS: readonly Opaque["kind"][] = ["signature", "encrypted", "redacted"];

/**
 * What a client of another format gets in the place of a signature: the value with its issuer written before it. A client that stores and
 * returns it, as agents do, so carries one vendor's reasoning through another vendor's format.
 */
export function seal(opaque: Opaque): string {
  return `${SEAL}${opaque.issuer}.${opaque.kind}.${opaque.value}`;
}

/** Reads what stands in the place of a signature: something sealed by us, or something that `wire` itself issued. */
export function unseal(text: string, wire: string, kind: Opaque["kind"]): Opaque {
  if (text.startsWith(SEAL)) {
    const issuerEnd = text.indexOf(".", SEAL.length);
    const kindEnd = text.indexOf(".", issuerEnd + 1);
    const sealedKind = KINDS.find((name) => name === text.slice(issuerEnd + 1, kindEnd));
    if (issuerEnd > SEAL.length && sealedKind !== undefined) {
      return { issuer: text.slice(SEAL.length, issuerEnd), kind: sealedKind, value: text.slice(kindEnd + 1) };
    }
  }
  return { issuer: wire, kind, value: text };
}

/** How `wire` writes a value: as it is if it issued it, sealed otherwise. */
export function sealFor(wire: string, opaque: Opaque): string {
  return opaque.issuer === wire ? opaque.value : seal(opaque);
}
