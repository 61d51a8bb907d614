import { NetworkError } from "../network.ts";
import { MalformedResponse } from "./malformed-response.ts";

/** What a whole body may become when it is decoded: a few kilobytes can be made to become any number. 128 MiB. */
const DECODED_BYTES_MAX = 128 * 1024 * 1024;

type Format = "gzip" | "deflate" | "brotli" | "zstd";

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
  ["zstd", "zstd"],
]);

/**
 * Makes sure that a body can be decoded.
 * @throws {MalformedResponse} If the coding is unknown, or is several.
 */
export function checkCoding(contentEncoding: string): void {
  if (contentEncoding !== "identity" && contentEncoding !== "" && !FORMATS.has(contentEncoding))
    throw new MalformedResponse("content-encoding is none that is known");
}

/** The stream that was compressed into `raw`. An error of `raw` goes through; what can not be decoded is a `NetworkError`. */
export function decodedStream(raw: ReadableStream<Uint8Array>, contentEncoding: string): ReadableStream<Uint8Array> {
  const format = FORMATS.get(contentEncoding);
  if (format === undefined) return raw;
  let broken: { readonly reason: unknown } | undefined;
  let isEmpty = true;
  const source = raw.getReader();
  const watched = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await source.read();
          if (done) controller.close();
          else {
            isEmpty = false;
            controller.enqueue(value);
          }
        } catch (reason) {
          broken = { reason };
          controller.error(reason);
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  // The types know of the three formats that browsers have; the runtime knows these.
  const decoder = watched
    .pipeThrough(new DecompressionStream(format as "gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>)
    .getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await decoder.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (cause) {
          // Nothing at all is how some say that there is no body.
          if (isEmpty && broken === undefined) {
            controller.close();
            return;
          }
          if (broken === undefined) source.cancel().catch(() => {}); // Nobody will read on: the connection goes.
          controller.error(broken === undefined ? new NetworkError("invalid-response", true, { cause }) : broken.reason);
        }
      },
      cancel: (reason) => decoder.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The bytes that were compressed into `raw`. */
export async function decodedBytes(raw: Uint8Array, contentEncoding: string): Promise<Uint8Array> {
  const reader = decodedStream(new Blob([raw as Uint8Array<ArrayBuffer>]).stream(), contentEncoding).getReader(); // It came from a socket, so no memory is shared.
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(pieces, length);
    pieces.push(value);
    length += value.length;
    if (length <= DECODED_BYTES_MAX) continue;
    reader.cancel().catch(() => {});
    throw new NetworkError("invalid-response", true, { cause: new MalformedResponse("the body becomes too long when it is decoded") });
  }
}
