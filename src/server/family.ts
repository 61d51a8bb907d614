import type { Downstream } from "../wire/wire.ts";
import type { ServerContext } from "./context.ts";

/** The header that Anthropic's clients say with every request, and no others do. */
export const ANTHROPIC_VERSION = "anthropic-version";

/** Whether Anthropic's client asks, where the path alone does not tell. */
export function isAnthropic(request: Request): boolean {
  return request.headers.has(ANTHROPIC_VERSION);
}

/** In whose words a client is refused whose path belongs to no wire. */
export function envelopeFor(request: Request, context: ServerContext): Downstream {
  if (!isAnthropic(request)) return context.envelope;
  return context.wires.find(({ name }) => name === "anthropic-messages")?.downstream ?? context.envelope;
}
