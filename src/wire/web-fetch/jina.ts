import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { failureOfSite, readerWire, urlsIn } from "./reader.ts";

/** https://r.jina.ai/docs */
export const jinaReader: Wire = readerWire({
  name: "jina-reader",
  formats: ["markdown", "html", "text"],
  ask: ({ url, format }) => ({
    path: "/",
    body: jsonBody({ url, respondWith: format, withLinksSummary: true, withImagesSummary: true }),
  }),
  read: (answer, { url, format }) => {
    const data = answer.object("data");
    // A page that could not be had is answered with 200, and with whatever the site said instead of it.
    const warning = data.stringMaybe("warning");
    const status = /Target URL returned error (\d{3})/.exec(warning ?? "")?.[1];
    if (status !== undefined) throw failureOfSite(Number(status), warning);
    const tokens = data.objectMaybe("usage")?.numberMaybe("tokens");
    return {
      url: data.stringMaybe("url") ?? url,
      title: data.stringMaybe("title") ?? "",
      // Markdown is called content; the others go by their own names.
      content: (format === "markdown" ? undefined : data.stringMaybe(format)) ?? data.stringMaybe("content") ?? "",
      links: urlsIn(data, "links"),
      images: urlsIn(data, "images"),
      // What is billed is the tokens that it gives.
      ...(tokens !== undefined && { usage: { inputTokens: 0, inputTokensCached: 0, outputTokens: tokens, reasoningTokens: 0 } }),
    };
  },
});
