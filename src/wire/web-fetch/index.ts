import { FAILURES, type FailureKind, OmniError } from "../../ir/failure.ts";
import { failureOfRefusal, readProviderError } from "../provider-error.ts";
import { jsonBody } from "../task-json.ts";
import type { Wire } from "../wire.ts";
import { decodeRequest, encodeResult } from "./client.ts";
import { readerWire, urlsIn } from "./reader.ts";
import { SCHEMAS } from "./schemas.ts";

/** What the gateway's own reader, and another Omni, refuse in words that are ours already. */
const OWN: ReadonlySet<string> = new Set<FailureKind>(["invalid_url", "blocked", "page_unavailable", "page_unreadable"]);

/** Omni's own format of a page to be read, which its clients speak. As a reader it is the gateway's own, another Omni, or the simulator. */
export const webFetch: Wire = readerWire(
  {
    name: "web-fetch",
    formats: ["markdown", "html", "text"],
    checksUrls: true,
    ask: ({ url, format }, model) => ({ path: "/web/fetch", body: jsonBody({ model, url, format }) }),
    read: (answer, { format }) => ({
      url: answer.string("url"),
      title: answer.stringMaybe("title") ?? "",
      content: answer.string(format),
      links: urlsIn(answer, "links"),
      images: urlsIn(answer, "images"),
    }),
    decodeRefusal: (status, headers, body, epochMs) => {
      const error = readProviderError(body);
      const kind = error?.names.find((name) => OWN.has(name)) as FailureKind | undefined; // It is in the set.
      if (kind === undefined || error?.message === undefined) return failureOfRefusal(status, headers, body, epochMs);
      return new OmniError(kind, error.message, { param: "url", ...(status !== FAILURES[kind].status && { status }) });
    },
  },
  {
    paths: ["/web/fetch"],
    sample: { model: "simulator/fetch", url: "https://example.com/", format: "markdown" },
    schemas: SCHEMAS,
    codec: { decodeRequest, encodeResult },
  },
);
