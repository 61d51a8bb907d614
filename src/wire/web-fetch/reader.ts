import { OmniError } from "../../ir/failure.ts";
import { failureOfFetch } from "../../ir/fetch-failure.ts";
import type { Loss } from "../../ir/loss.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Usage } from "../../ir/usage.ts";
import type { WebFetchRequest, WebFetchResult, WebFormat } from "../../ir/web-fetch.ts";
import { checkUrl } from "../../world/guarded/check-url.ts";
import { Fields } from "../fields.ts";
import { readJson } from "../task-json.ts";
import type { Performed, TaskCall, TaskContext } from "../task.ts";
import { type TaskClientOptions, type TaskProviderOptions, taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** Whoever reads pages, as data: how it is asked and how its answer is read. */
export interface Reader {
  /** Of the format, such as `jina-reader`. */
  readonly name: string;
  /** Formats that it writes; for others Markdown is asked for, which is then said to be lost. */
  readonly formats: readonly WebFormat[];
  /** Whether it looks itself at where a URL leads, by rules of its own. Default false: what is not of the public internet is not asked for. */
  readonly checksUrls?: boolean;
  ask(request: WebFetchRequest, model: string): TaskCall;
  /** @throws {OmniError} `blocked`, `page_unavailable` or `page_unreadable`, where the answer says so. */
  read(answer: Fields, request: WebFetchRequest): PageRead;
  readonly decodeRefusal?: TaskProviderOptions<"webFetch">["decodeRefusal"];
}

/** A page as a reader's answer has it. */
export interface PageRead extends Omit<WebFetchResult, "format"> {
  /** Default: one page, which is what is billed by the piece. */
  readonly usage?: Usage;
}

/** Makes a format of one who reads pages. @param client Its other half, where clients speak it too. */
export function readerWire(reader: Reader, client?: TaskClientOptions<"webFetch">): Wire {
  return taskWire<"webFetch">({
    name: reader.name,
    operation: "webFetch",
    ...(client !== undefined && { client }),
    provider: () => ({
      codec: { perform: (request, context) => fetchPage(reader, request, context) },
      ...(reader.decodeRefusal !== undefined && { decodeRefusal: reader.decodeRefusal }),
    }),
  });
}

async function fetchPage(reader: Reader, request: WebFetchRequest, context: TaskContext): Promise<Performed<Tasks["webFetch"]>> {
  if (reader.checksUrls !== true) checkPublic(request.url);
  const format = reader.formats.includes(request.format) ? request.format : "markdown";
  const asked = { ...request, format };
  const response = await context.call(reader.ask(asked, context.model));
  const { usage = ONE_PAGE, ...page } = reader.read(Fields.of(await readJson(response), "", "upstream_invalid"), asked);
  return { type: "whole", result: { ...page, format }, usage, losses: format === request.format ? [] : [formatLoss(reader, request)] };
}

function checkPublic(url: string): void {
  try {
    checkUrl(url);
  } catch (error) {
    throw failureOfFetch(error);
  }
}

const ONE_PAGE: Usage = { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0, webSearches: 1 };

function formatLoss({ name }: Reader, { format }: WebFetchRequest): Loss {
  return { path: "format", what: "format", why: `${name} does not write ${format}, so the page is in Markdown.`, weight: "setting" };
}

/**
 * What it means that a site answered with an error.
 * @param said The site's status, or what is told of it in words.
 */
export function failureOfSite(status: number | undefined, said = ""): OmniError {
  if (isBlock(status, said))
    return new OmniError("blocked", "Cannot read this page: its site does not let this provider in. Another model may be let in.", {
      param: "url",
    });
  const isGone = status === 404 || status === 410;
  const what =
    status === undefined ? "its site does not give it" : isGone ? "its site has no such page" : `its site answers with ${status}`;
  return new OmniError("page_unavailable", `Cannot read this page: ${what}.`, { param: "url", ...(isGone && { status: 404 }) });
}

function isBlock(status: number | undefined, said: string): boolean {
  return (
    status === 401 ||
    status === 403 ||
    status === 429 ||
    status === 451 ||
    /forbidden|captcha|blocked|denied|\b(?:401|403|429|451)\b/i.test(said)
  );
}

/** Texts of a list, or of an object's values, as some have it: whole http URLs, each once. */
export function urlsIn(answer: Fields, key: string): readonly string[] | undefined {
  const value = answer.json[key];
  if (typeof value !== "object" || value === null) return undefined;
  const urls = (Array.isArray(value) ? value : Object.values(value)).flat();
  return [...new Set(urls.filter((url): url is string => typeof url === "string" && /^https?:\/\//i.test(url)))];
}
