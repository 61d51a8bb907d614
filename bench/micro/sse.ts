import { SseReader } from "../../src/bytes/sse.ts";
import { contentChunk } from "../traffic.ts";
import type { MicroCase } from "./timing.ts";

/** Finding events in a stream that passes: once per event, whatever else is done with it. */
export function sseCases(): readonly MicroCase[] {
  // A chunk of HTTP without HTTP's own framing: size, line end, event, line end.
  const event = contentChunk("routed ").split("\r\n")[1] ?? "";
  return [
    frames("SSE event alone", "find an event that came in a piece of its own", event, 1),
    frames("SSE event of 16", "one of 16 events that came in one piece", event, 16),
  ];
}

function frames(name: string, about: string, event: string, perPiece: number): MicroCase {
  const piece = new TextEncoder().encode(event.repeat(perPiece));
  return {
    name,
    about,
    run(times) {
      const reader = new SseReader();
      let sum = 0;
      for (let count = 0; count < times; count += perPiece) {
        reader.push(piece);
        while (reader.next()) sum += reader.dataEnd;
        sum += reader.take().length;
      }
      return sum;
    },
  };
}
