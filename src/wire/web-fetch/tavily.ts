import { OmniError } from "../../ir/failure.ts";
import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { failureOfSite, readerWire, urlsIn } from "./reader.ts";

/** https://docs.tavily.com/documentation/api-reference/endpoint/extract */
export const tavilyExtract: Wire = readerWire({
  name: "tavily-extract",
  formats: ["markdown", "text"],
  ask: ({ url, format }) => ({ path: "/extract", body: jsonBody({ urls: [url], format, extract_depth: "basic", include_images: true }) }),
  read: (answer, { url }) => {
    const [page] = answer.objectsMaybe("results") ?? [];
    if (page !== undefined) {
      return {
        url: page.stringMaybe("url") ?? url,
        title: page.stringMaybe("title") ?? "",
        content: page.stringMaybe("raw_content") ?? "",
        links: undefined,
        images: urlsIn(page, "images"),
      };
    }
    const [failed] = answer.objectsMaybe("failed_results") ?? [];
    if (failed === undefined)
      throw new OmniError("upstream_invalid", "Cannot use the provider's answer: it has neither a page nor a reason for none.");
    throw failureOfSite(undefined, failed.stringMaybe("error") ?? "");
  },
});
