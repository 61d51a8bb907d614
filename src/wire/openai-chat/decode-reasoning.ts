import type { Opaque, ReasoningPart, ReasoningText } from "../../ir/chat-parts.ts";
import { bag } from "../../ir/chat.ts";
import type { Fields } from "../fields.ts";
import { unseal } from "../opaque.ts";
import { ANTHROPIC_MESSAGES, OPENAI_CHAT as WIRE, OPENAI_RESPONSES } from "../wire-names.ts";

/** Who issued what stands in `reasoning_details`, by OpenRouter's name for its form. https://openrouter.ai/docs/use-cases/reasoning-tokens */
export const ISSUERS: readonly (readonly [format: string, wire: string])[] = [
  ["anthropic-claude-v1", ANTHROPIC_MESSAGES],
  ["openai-responses-v1", OPENAI_RESPONSES],
  ["google-gemini-v1", "gemini-generate"],
];

/** What one entry of `reasoning_details` adds to a reasoning part. Entries of one index belong together. */
export interface ReasoningDetail {
  readonly index: number;
  readonly text: ReasoningText | undefined;
  readonly opaque: Opaque | undefined;
  /** A form that is not in the table above. */
  readonly format: string | undefined;
  readonly itemId: string | undefined;
}

/** Reads one entry of `reasoning_details`. */
export function decodeDetail(detail: Fields, position: number): ReasoningDetail {
  const format = detail.stringMaybe("format");
  const issuer = ISSUERS.find(([name]) => name === format)?.[1] ?? WIRE;
  const text = detail.stringMaybe("text") ?? detail.stringMaybe("summary");
  const signature = detail.stringMaybe("signature");
  const data = detail.stringMaybe("data");
  // An entry without text that Anthropic issued is its redacted thinking.
  const dataKind = issuer === ANTHROPIC_MESSAGES ? "redacted" : "encrypted";
  return {
    index: detail.numberMaybe("index") ?? position,
    text: text ? { form: "summary", text } : undefined,
    opaque: signature ? unseal(signature, issuer, "signature") : data ? unseal(data, issuer, dataKind) : undefined,
    format: issuer === WIRE ? format : undefined,
    itemId: detail.stringMaybe("id"),
  };
}

/** Reads the reasoning of a message: `reasoning_details` where they are, else the text, which has two names. */
export function decodeReasoning(message: Fields): ReasoningPart[] {
  const details = message.objectsMaybe("reasoning_details")?.map(decodeDetail) ?? [];
  const text = message.stringMaybe("reasoning_content") ?? message.stringMaybe("reasoning");
  if (details.length === 0) return text ? [{ type: "reasoning", texts: [{ form: "summary", text }] }] : [];
  const parts = new Map<number, ReasoningPart>();
  for (const detail of details) parts.set(detail.index, withDetail(parts.get(detail.index), detail));
  return [...parts.values()];
}

function withDetail(part: ReasoningPart = { type: "reasoning", texts: [] }, detail: ReasoningDetail): ReasoningPart {
  const bags = bag(WIRE, detail.format === undefined ? undefined : { format: detail.format });
  return {
    ...part,
    texts: detail.text === undefined ? part.texts : joined(part.texts, detail.text),
    ...(detail.opaque && { opaque: detail.opaque }),
    ...(bags && { bags }),
    ...(detail.itemId !== undefined && { itemId: detail.itemId }),
  };
}

/** Pieces of one entry are one text, since streams cut it anywhere. */
function joined(texts: readonly ReasoningText[], more: ReasoningText): ReasoningText[] {
  const [first] = texts;
  return [first === undefined ? more : { ...first, text: first.text + more.text }];
}
