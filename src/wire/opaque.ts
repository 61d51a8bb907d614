import type { Opaque } from "../ir/chat-parts.ts";

const SEALED = /^omni-sealed\.1:(signature|encrypted|redacted):([^:]*):/;

/**
 * What a client of another format gets in the place of a signature: the value with its issuer written before it. A client that stores and
 * returns it, as agents do, so carries one vendor's reasoning through another vendor's format.
 */
export function seal(opaque: Opaque): string {
  return `omni-sealed.1:${opaque.kind}:${opaque.issuer.replaceAll(":", "_")}:${opaque.value}`;
}

/** Reads what stands in the place of a signature: something sealed by us, or something that `wire` itself issued. */
export function unseal(text: string, wire: string, kind: Opaque["kind"]): Opaque {
  const sealed = SEALED.exec(text);
  if (sealed === null) return { issuer: wire, kind, value: text };
  // The pattern has both groups, and the first one lists the kinds.
  return { issuer: sealed[2] as string, kind: sealed[1] as Opaque["kind"], value: text.slice(sealed[0].length) };
}

/** How `wire` writes a value: as it is if it issued it, sealed otherwise. */
export function sealFor(wire: string, opaque: Opaque): string {
  return opaque.issuer === wire ? opaque.value : seal(opaque);
}
