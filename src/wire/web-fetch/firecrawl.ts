import type { Fields } from "../fields.ts";
import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { failureOfSite, readerWire, urlsIn } from "./reader.ts";

/** https://docs.firecrawl.dev/api-reference/endpoint/scrape */
export const firecrawlScrape: Wire = readerWire({
  name: "firecrawl-scrape",
  formats: ["markdown", "html"],
  ask: ({ url, format }) => ({ path: "/scrape", body: jsonBody({ url, formats: [format, "links", "images"], onlyMainContent: true }) }),
  read: (answer, { url, format }) => {
    if (answer.booleanMaybe("success") === false) throw failureOfSite(undefined, answer.stringMaybe("error") ?? "");
    const data = answer.object("data");
    const metadata = data.objectMaybe("metadata");
    const status = metadata?.numberMaybe("statusCode");
    if (status !== undefined && status >= 400) throw failureOfSite(status);
    return {
      url: metadata?.stringMaybe("url") ?? metadata?.stringMaybe("sourceURL") ?? url,
      title: titleIn(metadata),
      content: data.stringMaybe(format) ?? "",
      links: urlsIn(data, "links"),
      images: urlsIn(data, "images"),
    };
  },
});

/** A list, where a page has several. */
function titleIn(metadata: Fields | undefined): string {
  const title = metadata?.json["title"];
  const first = Array.isArray(title) ? title[0] : title;
  return typeof first === "string" ? first : "";
}
