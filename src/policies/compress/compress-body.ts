import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { splice } from "../../bytes/splice.ts";
import { type Compression, compress, type ResultContext } from "./compress.ts";
import { FilterSet } from "./filter-set.ts";
import { FILTERS } from "./filters/index.ts";
import { findToolResults } from "./tool-results.ts";

/** What is done with results in conversations in which the client has set cache breakpoints. */
export type MarkedResults =
  /**
   * Nothing is touched. Breakpoints move from turn to turn, so that a result that has one now has none in the next turn: if its bytes changed
   * then, the provider's cache would miss.
   */
  | "leave-all"
  /** Only results with a breakpoint of their own stay as they are. Good for breakpoints that never move. */
  | "leave-marked"
  /** Texts are compressed as everywhere, breakpoints stay where they are. Prefixes stay the same from turn to turn, too. */
  | "compress";

/** How a body is compressed. */
export interface CompressOptions {
  /** Default: those that come with Omni. */
  readonly filters?: FilterSet | undefined;
  /** Default `leave-all`. */
  readonly marked?: MarkedResults;
}

/** What one result lost. */
export interface Saving {
  readonly filter: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** A body, and what it lost. Without savings it is the very same bytes. */
export interface CompressedBody {
  readonly body: Uint8Array;
  readonly savings: readonly Saving[];
}

/** The filters that come with Omni, ready to be used. */
export const DEFAULT_FILTERS: FilterSet = new FilterSet(FILTERS);

/**
 * Compresses the tool results in a request's body. All bytes besides the texts of those results stay as they are. Pure: what a result becomes
 * depends on itself and the call that it answers, so that a conversation that grows keeps its prefix.
 *
 * @param wire The name of the body's format.
 */
export function compressBody(wire: string, body: Uint8Array, options: CompressOptions = {}): CompressedBody {
  const { filters = DEFAULT_FILTERS, marked = "leave-all" } = options;
  const { spans, hasMarks } = findToolResults(wire, body);
  const savings: Saving[] = [];
  if (spans.length === 0 || (hasMarks && marked === "leave-all")) return { body, savings };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const pieces: Uint8Array[] = [];
  let copied = 0;
  for (const { start, end, call, isError, isMarked } of spans) {
    if (isError || (isMarked && marked === "leave-marked")) continue;
    // The span is that of a well-formed JSON string.
    const shorter = compressText(JSON.parse(bytes.toString("utf8", start, end)) as string, call, filters);
    if (shorter === undefined) continue;
    const json = Buffer.from(JSON.stringify(shorter.text));
    pieces.push(bytes.subarray(copied, start), json);
    copied = end;
    savings.push({ filter: shorter.filter, bytesBefore: shorter.bytesBefore, bytesAfter: shorter.bytesAfter });
  }
  if (savings.length === 0) return { body, savings };
  pieces.push(bytes.subarray(copied));
  return { body: Buffer.concat(pieces), savings };
}

function compressText(text: string, context: ResultContext, filters: FilterSet): Compression | undefined {
  return text.startsWith('{"output":') ? compressWrapped(text, context, filters) : compress(text, context, filters);
}

const WRAPPED = new JsonScanner("output");

/** Some clients wrap what a command printed, with its exit code: `{"output":"…","metadata":{"exit_code":0}}`. */
function compressWrapped(text: string, context: ResultContext, filters: FilterSet): Compression | undefined {
  const bytes = Buffer.from(text);
  try {
    if (WRAPPED.scan(bytes) !== 3) return undefined;
  } catch (error) {
    if (error instanceof JsonFault) return compress(text, context, filters);
    throw error;
  }
  const [, start = 0, end = 0] = WRAPPED.found;
  if (bytes[start] !== 0x22) return undefined;
  const shorter = compress(JSON.parse(bytes.toString("utf8", start, end)) as string, context, filters); // It begins with a quote.
  if (shorter === undefined) return undefined;
  const wrapped = Buffer.from(splice(bytes, start, end, Buffer.from(JSON.stringify(shorter.text)))).toString();
  return { ...shorter, text: wrapped, bytesBefore: bytes.length, bytesAfter: Buffer.byteLength(wrapped) };
}
