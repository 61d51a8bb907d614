import type { MediaSource } from "../ir/chat-parts.ts";

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,/i;

/** Reads a URL as clients give it for images and files: a `data:` URL holds the bytes itself. */
export function sourceOfUrl(url: string): MediaSource {
  // Only the head is matched: a megabyte of base64 is neither scanned nor copied twice.
  const head = DATA_URL.exec(url.slice(0, 256));
  if (head === null || head[3] === undefined) return { type: "url", url };
  const data = url.slice(head[0].length);
  return { type: "base64", mediaType: sniff(data) ?? (head[1] || "application/octet-stream").toLowerCase(), data };
}

/** A source as a URL; undefined for uploaded files, which have none. */
export function urlOfSource(source: MediaSource): string | undefined {
  switch (source.type) {
    case "url":
      return source.url;
    case "base64":
      return `data:${source.mediaType};base64,${source.data}`;
    case "text":
      return `data:${source.mediaType};base64,${base64Of(source.text)}`;
    case "file":
      return undefined;
    default:
      return source satisfies never;
  }
}

/** Base64 of a text's UTF-8. */
export function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The text that base64 holds, or undefined if it is no base64 or no UTF-8. */
export function textOfBase64(data: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(data));
  } catch {
    return undefined; // The bytes came from a client; not being text is an answer, not a failure.
  }
}

/** First bytes of the formats that vendors take, in base64. Clients often declare another type than they send, and vendors refuse that. */
const MAGIC: readonly (readonly [string, string])[] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["JVBERi0", "application/pdf"],
];

function sniff(data: string): string | undefined {
  if (data.startsWith("UklGR") && data.startsWith("XRUJQ", 11)) return "image/webp";
  return MAGIC.find(([start]) => data.startsWith(start))?.[1];
}
