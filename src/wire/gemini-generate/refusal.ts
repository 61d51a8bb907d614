import { OmniError } from "../../ir/failure.ts";
import { failureOfRefusal } from "../provider-error.ts";

/** Google says in the body how long to wait. https://cloud.google.com/apis/design/errors#error_details */
interface ErrorBody {
  readonly error?: { readonly details?: readonly { readonly retryDelay?: unknown }[] };
}

const DELAY = /^(\d+(?:\.\d+)?)s$/;

/** Reads a refusal of Google's: an error, in a list of one where a stream was asked for. */
export function decodeRefusal(status: number, headers: { get(name: string): string | null }, body: Uint8Array, epochMs: number): OmniError {
  const alone = unwrapped(body);
  const failure = failureOfRefusal(status, headers, alone, epochMs);
  const waits = failure.kind === "rate_limited" || failure.kind === "upstream_overloaded";
  const retryAfterMs = waits && failure.retryAfterMs === undefined ? delayOf(alone) : undefined;
  if (retryAfterMs === undefined) return failure;
  return new OmniError(failure.kind, failure.message, { cause: failure, status: failure.status, retryAfterMs });
}

/** Takes an error out of the list that it came in. */
export function unwrapped(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString().trim();
  if (!text.startsWith("[")) return body;
  try {
    const [first]: unknown[] = JSON.parse(text); // It begins like a list, so it is one or no JSON.
    return typeof first === "object" && first !== null ? Buffer.from(JSON.stringify(first)) : body;
  } catch {
    return body; // What is no JSON tells nothing either way.
  }
}

function delayOf(body: Uint8Array): number | undefined {
  try {
    const { error }: ErrorBody = JSON.parse(Buffer.from(body).toString());
    for (const detail of error?.details ?? []) {
      const seconds = DELAY.exec(String(detail.retryDelay))?.[1];
      if (seconds !== undefined) return Math.min(Number(seconds) * 1000, 3_600_000);
    }
  } catch {
    // Not JSON, or of another shape: it says nothing of a wait.
  }
  return undefined;
}
