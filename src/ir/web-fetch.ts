/** A page of the web to be read. */
export interface WebFetchRequest {
  /** As the client wrote it; it is a whole http URL. */
  readonly url: string;
  readonly format: WebFormat;
}

/** How a page is written down. */
export type WebFormat = "markdown" | "html" | "text";

/** A page: what it says, and where it leads. */
export interface WebFetchResult {
  /** Where it was found in the end. */
  readonly url: string;
  /** Empty if it has none. */
  readonly title: string;
  /** In the format that was asked for, or in Markdown where a provider lacks it (a loss). */
  readonly content: string;
  readonly format: WebFormat;
  /** undefined where the provider does not tell. */
  readonly links: readonly string[] | undefined;
  readonly images: readonly string[] | undefined;
}

/** Pages are never streamed. */
export type WebFetchEvent = never;
