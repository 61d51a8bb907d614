import { Defuddle, type DefuddleOptions } from "defuddle/node";
import { decodeText } from "./decode-text.ts";
import { baseOf, linksOf } from "./links.ts";
import { type PageFormat, type ReadPage, UnreadablePage, type UnreadPage } from "./page.ts";
import { PageTooComplex, parsePage } from "./parse-page.ts";
import { plainTextOf } from "./plain-text.ts";

/**
 * Reads a page. HTML is searched for its main content; other texts are handed on as they are.
 * @throws {UnreadablePage}
 */
export async function readPage(page: UnreadPage): Promise<ReadPage> {
  switch (kindOf(page)) {
    case "html":
      return readHtml(page);
    case "text":
      return { title: "", content: writtenAs(page.format, decodeText(page.body, page.contentType)), links: [], images: [] };
    default:
      throw new UnreadablePage(
        `It is ${mediaTypeOf(page.contentType) || "no text"}; the local reader reads HTML, plain text, Markdown and JSON. Other models of GET /v1/models/web read more.`,
      );
  }
}

const TEXTS =
  /^(?:text\/|application\/(?:json|ld\+json|xml|javascript|ecmascript|yaml|x-yaml|toml|x-ndjson|x-sh|rtf)$)|\+(?:json|xml|yaml)$/;

function kindOf({ contentType, body }: UnreadPage): "html" | "text" | "other" {
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === "text/html" || mediaType === "application/xhtml+xml") return "html";
  if (mediaType !== "" && mediaType !== "application/octet-stream") return TEXTS.test(mediaType) ? "text" : "other";
  // The site did not say: a zero byte is in hardly any text.
  const start = body.subarray(0, 1_024);
  if (start.includes(0)) return "other";
  return /^\s*(?:<!doctype html|<html|<head|<body)/i.test(new TextDecoder("latin1").decode(start)) ? "html" : "text";
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

function writtenAs(format: PageFormat, text: string): string {
  return format === "html" ? `<pre>${Bun.escapeHTML(text)}</pre>` : text;
}

async function readHtml({ url, contentType, body, format }: UnreadPage): Promise<ReadPage> {
  try {
    const document = parsePage(decodeText(body, contentType));
    const { links, images } = linksOf(document, url);
    const { title, content, contentMarkdown } = await Defuddle(document, baseOf(document, url), {
      separateMarkdown: format === "markdown",
      // It would ask other sites where a page is empty: one who reads a page fetches that page and nothing else.
      useAsync: false,
      fetch: refuseToFetch,
      // It takes short lists and last paragraphs for clutter.
      removeContentPatterns: false,
    });
    const written = { markdown: () => contentMarkdown ?? "", html: () => withoutBody(content), text: () => textOf(content) }[format]();
    return {
      title: title.trim() || (document.querySelector("title, h1")?.textContent ?? "").trim(),
      content: written.trim(),
      links,
      images,
    };
  } catch (cause) {
    if (cause instanceof PageTooComplex) throw new UnreadablePage(cause.message, { cause });
    throw new UnreadablePage("Its HTML is in no order that makes sense.", { cause });
  }
}

const refuseToFetch = (() => Promise.reject(new Error("A page is read without asking anybody."))) as unknown as NonNullable<
  DefuddleOptions["fetch"]
>;

function withoutBody(html: string): string {
  return html.replace(/^\s*<body[^>]*>|<\/body>\s*$/g, "");
}

function textOf(html: string): string {
  return plainTextOf(parsePage(`<body>${withoutBody(html)}</body>`).body);
}
