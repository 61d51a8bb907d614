import type { Received } from "../gateway/gateway.ts";
import { OmniError } from "../ir/failure.ts";
import type { Wire } from "../wire/wire.ts";
import type { Clock } from "../world/clock.ts";

/** However small it is, a body may take this long to arrive. */
const BODY_MS_MIN = 30_000;

/** The slowest line that a body may come over: it gets the time that it needs on that, on top of the above. */
const BODY_BYTES_PER_MS_MIN = 64;

/**
 * Takes one request off the socket: kind and size are looked at before a byte of the body is read, and what comes in pieces is counted as it comes.
 * On the hot path: allocates the body, the result and one timer.
 * @param bytesMax The largest body that is taken.
 * @throws {OmniError} `unsupported_media_type`, `request_too_large`, `request_timeout` or `client_closed`.
 */
export async function receive(
  request: Request,
  wire: Wire,
  provider: string | undefined,
  bytesMax: number,
  clock: Clock,
): Promise<Received> {
  const headers = request.headers;
  checkType(headers.get("content-type"), headers.get("content-encoding"));
  const length = headers.get("content-length");
  // Bun has refused lengths that are no number. Reading whole costs 12 µs less than reading in pieces, so only a body of unknown length is counted by us.
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax);
  const counted = length === null && headers.get("transfer-encoding") !== null;
  const bytes = length === null ? bytesMax : Number(length);
  const body = await readInTime(
    counted ? countedBody(request, bytesMax) : wholeBody(request),
    BODY_MS_MIN + bytes / BODY_BYTES_PER_MS_MIN,
    clock,
  );
  return { wire, provider, body, headers, signal: request.signal };
}

function checkType(type: string | null, encoding: string | null): void {
  // Without a type it is taken for JSON, as many a hand-made client means it; a form or a text is somebody else's request.
  if (type !== null && type !== "application/json" && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new OmniError("unsupported_media_type", "Cannot read the request: its content-type is not JSON. Send application/json.");
  }
  // Unpacking would have to be bounded as well, and no client in use packs its requests.
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new OmniError("unsupported_media_type", "Cannot read the request: its body has a content-encoding. Send it as it is.");
  }
}

interface BodyReading {
  readonly done: Promise<Uint8Array>;
  /** Reads no further. */
  stop(): void;
}

function wholeBody(request: Request): BodyReading {
  // There is nothing to stop: Bun reads no further once an answer has gone out that closes the connection.
  return { done: request.bytes(), stop: () => {} };
}

function countedBody(request: Request, bytesMax: number): BodyReading {
  const reader = request.body?.getReader();
  if (reader === undefined) return { done: Promise.resolve(new Uint8Array(0)), stop: () => {} };
  const stop = () => {
    // Cancelling after the client has left rejects with the reason of its leaving, which is known already.
    reader.cancel().catch(() => {});
  };
  return { done: joinChunks(reader, bytesMax, stop), stop };
}

async function joinChunks(reader: ReadableStreamDefaultReader<Uint8Array>, bytesMax: number, stop: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, count);
    count += value.length;
    if (count > bytesMax) {
      stop();
      throw tooLarge(bytesMax);
    }
    chunks.push(value);
  }
}

/** Waits for a body, but not for ever: a client that drips one byte a second keeps every idle timeout at bay. */
function readInTime(reading: BodyReading, limitMs: number, clock: Clock): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const timer = clock.startTimer(limitMs, () => {
      reading.stop();
      reject(new OmniError("request_timeout", `Cannot read the request: its body was not complete after ${Math.round(limitMs)} ms.`));
    });
    reading.done.then(
      (body) => {
        clock.cancelTimer(timer);
        resolve(body);
      },
      (cause: unknown) => {
        clock.cancelTimer(timer);
        reject(
          cause instanceof OmniError ? cause : new OmniError("client_closed", "The client left while its request was read.", { cause }),
        );
      },
    );
  });
}

function tooLarge(bytesMax: number): OmniError {
  const message = `Cannot take the request: its body is larger than ${bytesMax} bytes. The limit is server.bodyBytesMax in the configuration.`;
  return new OmniError("request_too_large", message);
}
