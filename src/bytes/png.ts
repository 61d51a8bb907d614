import { deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Four pixels stand in a byte. */
const BITS = 2;
const PALETTE = 3;

/**
 * Writes a PNG of four colours. https://www.w3.org/TR/png-3/
 * @param colours Red, green and blue of each, twelve bytes.
 * @param colourAt Which of the four a pixel has.
 */
export function writePng(width: number, height: number, colours: Uint8Array, colourAt: (x: number, y: number) => number): Uint8Array {
  const rowBytes = 1 + Math.ceil((width * BITS) / 8);
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    // The first byte of a row says that it is written as it is.
    const row = y * rowBytes + 1;
    for (let x = 0; x < width; x++) rows[row + (x >> 2)]! |= (colourAt(x, y) & 3) << (6 - (x & 3) * 2);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = BITS;
  head[9] = PALETTE;
  const chunks = [chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array())];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(content, 8);
  bytes.writeUInt32BE(Bun.hash.crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}
