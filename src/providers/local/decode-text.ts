/** Where a `meta` may say which encoding a page is in. https://html.spec.whatwg.org/#concept-encoding-sniffing-algorithm */
const SNIFFED_BYTES = 1024;

/**
 * Turns a page's bytes into text: by its byte order mark, else by what the header says, else by what it says itself, else as UTF-8 where it is such,
 * and as Windows-1252, of which every byte means something, where it is not.
 */
export function decodeText(body: Uint8Array, contentType: string): string {
  const said = markOf(body) ?? decoderOf(charsetIn(contentType)) ?? decoderOf(declaredIn(body));
  if (said !== undefined) return said.decode(body);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return new TextDecoder("windows-1252").decode(body);
  }
}

function markOf(body: Uint8Array): TextDecoder | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return new TextDecoder("utf-8");
  if (body[0] === 0xfe && body[1] === 0xff) return new TextDecoder("utf-16be");
  if (body[0] === 0xff && body[1] === 0xfe) return new TextDecoder("utf-16le");
  return undefined;
}

/** @returns undefined for a name that nobody knows. */
function decoderOf(label: string | undefined): TextDecoder | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([^"'\s;>]{1,40})/i.exec(text)?.[1];
}

/** As HTML and XML declare it. A page whose letters can be read here is not in UTF-16, whatever it says. */
function declaredIn(body: Uint8Array): string | undefined {
  const start = new TextDecoder("latin1").decode(body.subarray(0, SNIFFED_BYTES));
  const meta = /<meta\s[^>]*charset[^>]*>/i.exec(start)?.[0];
  const label = meta === undefined ? /^\s*<\?xml\s[^>]*encoding\s*=\s*["']([^"']{1,40})["']/i.exec(start)?.[1] : charsetIn(meta);
  return label !== undefined && /^utf-?16/i.test(label) ? "utf-8" : label;
}
