import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decodeRecord, type LedgerRecord } from "./record.ts";

/** A piece of a segment. */
export interface SegmentPiece {
  readonly records: readonly LedgerRecord[];
  /** Where the next piece begins. */
  readonly end: number;
  /** Lines that are not as they were written. */
  readonly spoilt: number;
  /** Bytes behind `end`. */
  readonly bytesLeft: number;
}

/** No record comes near this; what has no end of line for so long is rubbish. */
const PIECE_BYTES = 1 << 20;
const LINE_END = 10;

/**
 * Reads whole lines from a place on. A line without its end is left for later: it is being written, or its process died over it.
 * @param complete Whether nothing more will be written, so that what has no end of line is torn and is passed over.
 */
export function readSegment(path: string, start: number, complete: boolean): SegmentPiece {
  const handle = openSync(path, "r");
  try {
    const { size } = fstatSync(handle);
    const bytes = new Uint8Array(Math.min(PIECE_BYTES, Math.max(0, size - start)));
    const length = readSync(handle, bytes, 0, bytes.length, start);
    const records: LedgerRecord[] = [];
    let [at, spoilt] = [0, 0];
    for (let end = bytes.indexOf(LINE_END); end !== -1 && end < length; end = bytes.indexOf(LINE_END, at)) {
      const record = decodeRecord(bytes.subarray(at, end));
      if (record === undefined) spoilt++;
      else records.push(record);
      at = end + 1;
    }
    const isTorn = at < length && (length === PIECE_BYTES ? at === 0 : complete && start + length >= size);
    const end = start + (isTorn ? length : at);
    return { records, end, spoilt: spoilt + (isTorn ? 1 : 0), bytesLeft: size - end };
  } finally {
    closeSync(handle);
  }
}
