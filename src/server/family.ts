import type { Downstream } from "../wire/wire.ts";
import type { ServerContext } from "./context.ts";

/** The header that Anthropic's clients say with every request, and no others do. */
export const ANTHROPIC_VERSION = "anthropic-version";

/** Whether Anthropic's client asks, where the path alone does not tell. */
export function isAnthropic(request: Request): boolean {
  return request.headers.has(ANTHROPIC_VERSION);
}

/** The header in which Google's clients send their key. */
export const GOOGLE_KEY = "x-goog-api-key";

/** Whether Google's client asks, where the path alone does not tell. */
export function isGoogle(request: Request): boolean {
  return request.headers.has(GOOGLE_KEY) || request.headers.has("x-goog-api-client");
}

/** In whose words a client is refused whose path belongs to no wire. */
export function envelopeFor(request: Request, context: ServerContext): Downstream {
  const wire = isAnthropic(request) ? "anthropic-messages" : isGoogle(request) ? "gemini-generate" : undefined;
  if (wire === undefined) return context.envelope;
  return context.wires.find(({ name }) => name === wire)?.downstream ?? context.envelope;
}
