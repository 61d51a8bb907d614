import { FAILURES, OmniError } from "../../ir/failure.ts";
import { failureOfFetch } from "../../ir/fetch-failure.ts";
import { failureOfSite } from "../../wire/web-fetch/reader.ts";
import { decodeRequest } from "../../wire/web-fetch/client.ts";
import { guardedFetch } from "../../world/guarded/guarded-fetch.ts";
import type { CancelSignal } from "../../world/cancellation.ts";
import type { NetworkRequest, Session } from "../../world/network.ts";
import type { World } from "../../world/world.ts";
import { type ReadPage, UnreadablePage } from "./page.ts";
import { Reader, ReaderBusy } from "./reader.ts";
import type { LocalSettings } from "./settings.ts";

/** What is best read; a site that has several forms of a page gives this one. */
const ACCEPT = "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, application/json;q=0.7, */*;q=0.1";

/** Answers requests for pages as a provider would, in-process: fetches, reads, and says in our own words what went wrong. */
export class LocalSession implements Session {
  private readonly world: World;
  private readonly settings: LocalSettings;
  private readonly reader: Reader;

  constructor(world: World, settings: LocalSettings) {
    this.world = world;
    this.settings = settings;
    this.reader = new Reader(world.clock);
  }

  async send({ body = new Uint8Array(), signal }: NetworkRequest): Promise<Response> {
    signal.throwIfAborted();
    try {
      return Response.json(await this.read(body, signal));
    } catch (error) {
      signal.throwIfAborted();
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const { kind, message, status } = failure;
      return Response.json({ error: { message, type: FAILURES[kind].type, code: kind, param: "url" } }, { status });
    }
  }

  close(): void {
    this.reader.close();
  }

  private async read(body: Uint8Array, signal: CancelSignal): Promise<object> {
    const { url, format } = decodeRequest(body);
    const page = await guardedFetch(this.world, url, { ...this.settings, accept: ACCEPT, signal });
    if (page.status < 200 || page.status > 299) throw failureOfSite(page.status);
    const { title, content, links, images }: ReadPage = await this.reader.read({ ...page, format }, signal);
    return { url: page.url, title, [format]: content, links, images };
  }
}

/** @returns undefined for what is a bug of ours. */
function failureOf(error: unknown): OmniError | undefined {
  const failure = failureOfFetch(error);
  if (failure instanceof OmniError) return failure;
  if (error instanceof UnreadablePage) return new OmniError("page_unreadable", `Cannot read this page. ${error.message}`);
  if (error instanceof ReaderBusy) return new OmniError("upstream_overloaded", error.message);
  return undefined;
}
