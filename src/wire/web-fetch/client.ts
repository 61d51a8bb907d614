import { failureOfFetch } from "../../ir/fetch-failure.ts";
import type { WebFetchRequest, WebFetchResult } from "../../ir/web-fetch.ts";
import { checkUrlText } from "../../world/guarded/check-url.ts";
import { choiceIn } from "../choice.ts";
import { Fields } from "../fields.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer } from "../task.ts";

/**
 * @throws {OmniError} `invalid_request` or `invalid_url`, naming the field. Where the URL leads is looked at for each target, since operators may allow one
 *   what others may not.
 */
export function decodeRequest(body: Uint8Array): WebFetchRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  const url = fields.string("url");
  try {
    checkUrlText(url);
  } catch (error) {
    throw failureOfFetch(error);
  }
  return { url, format: choiceIn(fields, "format", ["markdown", "html", "text"]) ?? "markdown" };
}

/** The content stands under the name of its format. */
export function encodeResult({ url, title, content, format, links, images }: WebFetchResult): TaskAnswer {
  const answer = {
    url,
    title,
    [format]: content,
    ...(links !== undefined && { links }),
    ...(images !== undefined && { images }),
  };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}
