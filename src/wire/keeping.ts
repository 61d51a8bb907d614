import type { JsonObject } from "../ir/json.ts";

/** What a request says of answers that are kept under their names. */
export interface KeepWish {
  /** Whether its own answer may be kept. */
  readonly store: boolean;
  /** The answer that it goes on from; undefined if it stands by itself. */
  readonly previous: string | undefined;
  /** Whether it points to items of earlier answers instead of repeating them. */
  readonly refers: boolean;
}

/** Is told what becomes of an answer, so that it can be kept. */
export interface AnswerSink {
  /** A stream has said what its answer is called. */
  began(id: string): void;
  /** The answer is whole. @param answer Its JSON, in the client's format; the sink may keep it. */
  ended(answer: Uint8Array): void;
}

/** One answer as it is kept, with what it answers. */
export interface KeptTurn {
  /** What its request said itself, without what came before. */
  readonly input: readonly JsonObject[];
  readonly answer: JsonObject;
}

/** What one may ask for of a list that comes in pages. */
export interface Page {
  /** Default 20, at most 100. */
  readonly limit?: string | undefined;
  /** `desc`, the latest first, is the default. */
  readonly order?: string | undefined;
  /** The name behind which the page begins. */
  readonly after?: string | undefined;
}

/** How the answers of a format are kept, gone on from, and shown. Absent where a format has no such thing. */
export interface Keeping {
  /** Where its answers are found by name, below `/v1`: `/responses`. */
  readonly path: string;
  /** Where a conversation is made shorter, for providers that do that. */
  readonly compactPath: string;
  /** What a request says itself, as a list of items. */
  inputOf(body: Uint8Array): readonly JsonObject[];
  /**
   * Writes kept words into a request.
   * @param turns What it goes on from, the oldest first; undefined leaves the name of it standing.
   * @param find Gives the item of a name.
   * @returns The request that says all by itself, and whether anything was put in.
   */
  restate(
    body: Uint8Array,
    turns: readonly KeptTurn[] | undefined,
    find: (id: string) => JsonObject | undefined,
  ): { readonly body: Uint8Array; readonly changed: boolean };
  /** The name of an answer. */
  idOf(answer: Uint8Array): string | undefined;
  /** The names of what an answer holds, which later requests may point to. */
  itemIdsOf(answer: JsonObject): readonly string[];
  /** One item of an answer, as a later request says it. */
  itemOf(answer: JsonObject, id: string): JsonObject | undefined;
  /**
   * What an answer was made from, page by page.
   * @param turns Of the whole conversation, the oldest first; the last one's answer is not part of it.
   * @throws {OmniError} `invalid_request`, if the page is none.
   */
  pageOf(turns: readonly KeptTurn[], id: string, page: Page): JsonObject;
  /** What is said when an answer was deleted. */
  deleted(id: string): JsonObject;
}
