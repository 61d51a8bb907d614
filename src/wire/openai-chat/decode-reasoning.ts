import type { Opaque, ReasoningPart, ReasoningText } from "../../ir/chat-parts.ts";
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
  readonly itemId: string | undefined;
}

/** Reads one entry of `reasoning_details`. */
export function decodeDetail(detail: Fields, position: number): ReasoningDetail {
  const format = detail.stringMaybe("format");
  // Forms of vendors that have no wire here name their issuer by themselves.
  const issuer = ISSUERS.find(([name]) => name === format)?.[1] ?? format ?? WIRE;
  const text = detail.stringMaybe("text") ?? detail.stringMaybe("summary");
  const signature = detail.stringMaybe("signature");
  const data = detail.stringMaybe("data");
  // An entry without text that Anthropic issued is its redacted thinking.
  const dataKind = issuer === ANTHROPIC_MESSAGES ? "redacted" : "encrypted";
  return {
    index: detail.numberMaybe("index") ?? position,
    text: text ? { form: "summary", text } : undefined,
    opaque: signature ? unseal(signature, issuer, "signature") : data ? unseal(data, issuer, dataKind) : undefined,
    itemId: detail.stringMaybe("id"),
  };
}

/** Reads the reasoning of a message: `reasoning_details` where they are, else the text, which has two names. */
export function decodeReasoning(message: Fields): ReasoningPart[] {
  const details = (message.objectsMaybe("reasoning_details") ?? []).map(decodeDetail).filter((detail) => detail.text ?? detail.opaque);
  const text = message.stringMaybe("reasoning_content") ?? message.stringMaybe("reasoning");
  if (details.length === 0) return text ? [{ type: "reasoning", texts: [{ form: "summary", text }] }] : [];
  const parts = new Map<number, ReasoningPart>();
  // Entries without words belong to the words before them; where no entry has any, those stand beside.
  let last = details[0]?.index ?? 0;
  if (text && details.every((detail) => detail.text === undefined))
    parts.set(last, { type: "reasoning", texts: [{ form: "summary", text }] });
  for (const detail of details) {
    const before = parts.get(last);
    const joins = detail.text === undefined && before !== undefined && before.opaque === undefined;
    if (!joins) last = detail.index;
    parts.set(last, withDetail(parts.get(last), detail));
  }
  return [...parts.values()];
}

function withDetail(part: ReasoningPart = { type: "reasoning", texts: [] }, detail: ReasoningDetail): ReasoningPart {
  return {
    ...part,
    texts: detail.text === undefined ? part.texts : joined(part.texts, detail.text),
    ...(detail.opaque && { opaque: detail.opaque }),
    ...(detail.itemId !== undefined && { itemId: detail.itemId }),
  };
}

/** Pieces of one entry are one text, since streams cut it anywhere. */
function joined(texts: readonly ReasoningText[], more: ReasoningText): ReasoningText[] {
  const [first] = texts;
  return [first === undefined ? more : { ...first, text: first.text + more.text }];
}
