import type { Opaque } from "../../ir/chat-parts.ts";
import { base64Of, textOfBase64 } from "../media.ts";
import { seal, unseal } from "../opaque.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";

/** How a sealed value begins in base64. */
const SEALED = "b21uaS1zZWFsZWQu";

/** What Gemini takes in the place of the signature of a call that it did not make. https://ai.google.dev/gemini-api/docs/thought-signatures */
export const UNSIGNED = "skip_thought_signature_validator";

/** Reads a `thoughtSignature`: Gemini's own, or another vendor's that was sealed for a client of this format. */
export function decodeSignature(value: string): Opaque {
  const sealed = value.startsWith(SEALED) ? textOfBase64(value) : undefined;
  return sealed === undefined ? { issuer: WIRE, kind: "signature", value } : unseal(sealed, WIRE, "signature");
}

/** Writes a `thoughtSignature` for a client. It is bytes to many of them, so what is sealed has to be base64. */
export function encodeSignature(opaque: Opaque): string {
  return opaque.issuer === WIRE ? opaque.value : base64Of(seal(opaque));
}
