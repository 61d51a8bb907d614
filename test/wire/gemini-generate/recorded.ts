import { parseJson } from "../../../src/ir/json.ts";
import { exchangesOf, isStream, type RecordedExchange, recordings, responseBytes } from "../../support/recordings.ts";

/** One exchange with Google, as it was recorded. */
export interface Recorded {
  readonly name: string;
  readonly exchange: RecordedExchange;
  readonly status: number;
  readonly request: Record<string, unknown> | undefined;
  readonly isStream: boolean;
  readonly bytes: Uint8Array;
  /** The objects that the answer is made of. */
  readonly pieces: readonly unknown[];
}

const APIS: ReadonlySet<string> = new Set(["generateContent", "streamGenerateContent"]);

/** All exchanges of generateContent, whole and streamed, at both of Google's doors. */
export const RECORDED: readonly Recorded[] = ["google", "vertex"].flatMap((provider) =>
  recordings({ provider }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index): Recorded[] => {
      if (!APIS.has(exchange.api)) return [];
      const { response, request } = exchange;
      const bytes = responseBytes(response);
      const body = request.body as Record<string, unknown> | undefined;
      const pieces = piecesOf(Buffer.from(bytes).toString(), isStream(response));
      return [
        { name: `${row.id}#${index}`, exchange, status: response.status, request: body, isStream: isStream(response), bytes, pieces },
      ];
    }),
  ),
);

/** What was answered with success as a stream of events, and whole. Streams that nobody asked to be events are lists. */
export const STREAMS: readonly Recorded[] = RECORDED.filter(({ status, isStream }) => status === 200 && isStream);
export const WHOLES: readonly Recorded[] = RECORDED.filter(
  ({ status, isStream, pieces }) => status === 200 && !isStream && !Array.isArray(pieces[0]),
);
export const LISTS: readonly Recorded[] = RECORDED.filter(({ status, pieces }) => status === 200 && Array.isArray(pieces[0]));

function piecesOf(text: string, isEvents: boolean): unknown[] {
  if (!isEvents) return text === "" ? [] : [parseJson(text)];
  return splitData(text).map(parseJson);
}

/** The data of server-sent events in a whole text. */
export function splitData(text: string): string[] {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n\n")
    .flatMap((block) => {
      const lines = block.split("\n").filter((line) => line.startsWith("data:"));
      return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n")];
    });
}
