import type { ChatEvent } from "../ir/chat-events.ts";

/** Looks at the events of a translated answer before the client's format has them, and may hold some back or change them. One per stream. */
export interface EventFilter {
  /**
   * Takes an event.
   * @param into What goes on is put here: nothing, the event, or others.
   * @throws {OmniError} If the stream may not go on; nothing that was pushed after is asked about.
   */
  push(event: ChatEvent, into: ChatEvent[]): void;
}
