import type { ChatEvent } from "../ir/chat-events.ts";
import type { AssistantPart, Opaque, ReasoningText } from "../ir/chat-parts.ts";

/** A part as it grows. */
interface Draft {
  part: AssistantPart;
  text: string;
  texts: ReasoningText[];
  opaque: Opaque | undefined;
  itemId: string | undefined;
}

/**
 * Looks on while an answer goes by, and keeps what `keepReasoning` has to know of its first choice: until there is any reasoning or signature, no more than
 * where parts begin. Of words it keeps all only if reasoning came before them.
 */
export class ReasoningTap {
  private readonly drafts: (Draft | undefined)[] = [];
  private hasReasoning = false;

  push(event: ChatEvent): void {
    switch (event.type) {
      case "part-start": {
        if (event.choice !== 0) return;
        const { content } = event;
        this.hasReasoning ||= content.type === "reasoning" || (content.type === "tool-call" && content.opaque !== undefined);
        const text = content.type === "tool-call" ? content.argumentsJson : content.type === "text" ? content.text : "";
        const texts = content.type === "reasoning" ? content.texts.map((piece) => ({ ...piece })) : [];
        this.drafts[event.part] = { part: content, text, texts, opaque: undefined, itemId: undefined };
        return;
      }
      case "text-delta":
        if (this.hasReasoning && event.choice === 0) this.add(event.part, event.text);
        return;
      case "arguments-delta":
        if (event.choice === 0) this.add(event.part, event.json);
        return;
      case "reasoning-delta": {
        const draft = event.choice === 0 ? this.drafts[event.part] : undefined;
        if (draft === undefined) return;
        const piece = draft.texts[event.piece];
        draft.texts[event.piece] = { form: event.form, text: (piece?.text ?? "") + event.text };
        return;
      }
      case "opaque": {
        const draft = event.choice === 0 ? this.drafts[event.part] : undefined;
        if (draft === undefined) return;
        this.hasReasoning = true;
        draft.opaque = event.opaque;
        draft.itemId = event.itemId ?? draft.itemId;
        return;
      }
      default:
        return;
    }
  }

  /** What came, once it has come to its end; undefined if there is nothing to be kept. */
  get parts(): AssistantPart[] | undefined {
    if (!this.hasReasoning) return undefined;
    return this.drafts.flatMap((draft) => (draft === undefined ? [] : [partOf(draft)]));
  }

  private add(at: number, text: string): void {
    const draft = this.drafts[at];
    if (draft !== undefined) draft.text += text;
  }
}

function partOf({ part, text, texts, opaque, itemId }: Draft): AssistantPart {
  switch (part.type) {
    case "text":
      return { ...part, text };
    case "tool-call":
      return { ...part, argumentsJson: text, ...(opaque && { opaque }) };
    case "reasoning":
      return {
        ...part,
        texts: texts.filter((piece) => piece !== undefined),
        ...(opaque && { opaque }),
        ...(itemId !== undefined && { itemId }),
      };
    default:
      return part;
  }
}
