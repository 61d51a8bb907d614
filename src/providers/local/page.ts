import type { PageLinks } from "./links.ts";

/** How the reader writes what it has read. */
export type PageFormat = "markdown" | "html" | "text";

/** A page as it came. */
export interface UnreadPage {
  /** Where it was found. */
  readonly url: string;
  /** As the site said it; empty if it did not. */
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly format: PageFormat;
}

/** A page, read: what it says, without what stands around it. */
export interface ReadPage extends PageLinks {
  /** Empty if it has none. */
  readonly title: string;
  /** In the format that was asked for. */
  readonly content: string;
}

/** A page of which nothing can be read. The message says why. */
export class UnreadablePage extends Error {
  override readonly name = "UnreadablePage";
}
