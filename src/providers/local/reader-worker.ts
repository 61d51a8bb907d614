import type { ReadPage, UnreadPage } from "./page.ts";
import { readPage } from "./read-page.ts";

/** What the reader's thread is sent. */
export type ReadRequest = UnreadPage;
/** What it sends back. */
export type ReadAnswer = { readonly ok: true; readonly page: ReadPage } | { readonly ok: false; readonly message: string };

// Pages come from anybody: they are read in a thread of its own, which can be ended, with nothing of the gateway's in it.
self.onmessage = async ({ data }: MessageEvent<ReadRequest>) => {
  postMessage(await answerOf(data));
};

async function answerOf(page: ReadRequest): Promise<ReadAnswer> {
  try {
    return { ok: true, page: await readPage(page) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
