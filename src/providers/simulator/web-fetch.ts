import { OmniError } from "../../ir/failure.ts";
import { failureOfFetch } from "../../ir/fetch-failure.ts";
import { checkUrl } from "../../world/guarded/check-url.ts";
import { neighboursOf, pageAt, type SimulatedPage } from "./library.ts";
import { Refusal, type SimulatedOperation, type SimulatedWork } from "./operation.ts";

const FORMATS = ["markdown", "html", "text"] as const;

/** Pages of the simulator's own web, in Omni's own format: nothing is fetched. The same address gives the same page. */
export const webFetch: SimulatedOperation = {
  path: "/web/fetch",
  perform: (body) => answerFetch(body as Readonly<Record<string, unknown>>),
};

function answerFetch({ url, format = "markdown" }: Readonly<Record<string, unknown>>): SimulatedWork {
  const known = FORMATS.find((each) => each === format);
  if (known === undefined) throw new Refusal(400, `\`format\` must be ${FORMATS.join(", ")}.`, { param: "format" });
  if (typeof url !== "string") throw new Refusal(400, "`url` is missing.", { param: "url" });
  const page = pageAt(checked(url));
  const links = neighboursOf(page).map((each) => each.url);
  const images = [new URL("/drawing.png", page.url).href];
  const answer = { url: page.url, title: page.title, [known]: written(page, known), links, images };
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify(answer),
    hollow: JSON.stringify({ ...answer, [known]: null }),
    events: 1,
  };
}

/** It is as strict as who really fetches, so that what works here works there. */
function checked(url: string): string {
  try {
    return checkUrl(url).href;
  } catch (error) {
    const failure = failureOfFetch(error);
    if (failure instanceof OmniError) throw new Refusal(failure.status, failure.message, { code: failure.kind, param: "url" });
    throw error;
  }
}

function written(page: SimulatedPage, format: (typeof FORMATS)[number]): string {
  const { title, paragraphs } = page;
  const links = neighboursOf(page);
  switch (format) {
    case "markdown":
      return [`# ${title}`, ...paragraphs, ...links.map((link) => `- [${link.title}](${link.url})`)].join("\n\n");
    case "html":
      return [
        `<h1>${Bun.escapeHTML(title)}</h1>`,
        ...paragraphs.map((text) => `<p>${Bun.escapeHTML(text)}</p>`),
        `<ul>${links.map((link) => `<li><a href="${Bun.escapeHTML(link.url)}">${Bun.escapeHTML(link.title)}</a></li>`).join("")}</ul>`,
      ].join("\n");
    case "text":
      return [title, ...paragraphs, ...links.map((link) => link.title)].join("\n\n");
    default:
      return format satisfies never;
  }
}
