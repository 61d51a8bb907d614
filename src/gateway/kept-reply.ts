import type { PolicyTarget } from "../policies/policy.ts";
import type { Reply } from "./gateway.ts";

/** A reply as it is kept: what was asked, and all that the client got. */
export interface KeptReply {
  /** Says which request it answers. */
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Who gave it, where that matters. */
  readonly target?: PolicyTarget | undefined;
  readonly body: Uint8Array;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();
const LINE_FEED = 10;

/** Writes a reply as bytes: a line of JSON, and the body behind it as it is. */
export function packReply({ body, ...head }: KeptReply): Uint8Array {
  return Buffer.concat([utf8.encode(`${JSON.stringify(head)}\n`), body]);
}

/** Reads what `packReply` wrote. The body is a view of the same bytes. */
export function unpackReply(bytes: Uint8Array): KeptReply {
  const end = bytes.indexOf(LINE_FEED);
  const head = JSON.parse(text.decode(bytes.subarray(0, end))) as Omit<KeptReply, "body">; // Nobody else writes them.
  return { ...head, body: bytes.subarray(end + 1) };
}

/** What is done with a streamed body that has been handed on. */
export interface Listener {
  /** All of it, if it came to its proper end and is not longer than was said. */
  ended(body: Uint8Array | undefined): void;
  /** It broke off, or the client left. */
  broke(): void;
}

/**
 * Hands a reply on and keeps a copy of its body on the way. Nothing is read ahead of the client.
 * @param bytesMax Of what is longer nothing is kept; it is handed on all the same.
 */
export function listenTo(reply: Reply, bytesMax: number, listener: Listener): Reply {
  const { body } = reply;
  if (body instanceof Uint8Array) {
    listener.ended(body.length > bytesMax ? undefined : body);
    return reply;
  }
  const source = body.getReader();
  let pieces: Uint8Array[] = [];
  let length = 0;
  let hasLeft = false;
  const copy = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let piece: Awaited<ReturnType<typeof source.read>>;
        try {
          piece = await source.read();
        } catch (error) {
          listener.broke();
          throw error;
        }
        // A reading that is under way when the client leaves ends as if there were nothing more to come.
        if (hasLeft) return;
        if (piece.done) {
          listener.ended(length > bytesMax ? undefined : Buffer.concat(pieces, length));
          controller.close();
          return;
        }
        length += piece.value.length;
        if (length > bytesMax) pieces = [];
        // A piece may lie in a buffer that the next one is read into.
        else pieces.push(piece.value.slice());
        controller.enqueue(piece.value);
      },
      async cancel(reason) {
        hasLeft = true;
        listener.broke();
        await source.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { ...reply, body: copy };
}
