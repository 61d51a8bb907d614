import type { AssistantPart } from "../../ir/chat-parts.ts";
import { bag, type ChatResponse, type Choice, finishReasonFor } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Json } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { stemOf } from "../ids.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { decodeStreamError } from "../openai-stream-error.ts";
import { decodeFinish } from "./decode-finish.ts";
import { decodeAssistant } from "./decode-messages.ts";
import { decodeUsage } from "./decode-usage.ts";

/** Fields of a completion that the IR has names for. */
export const RESPONSE_KNOWN: ReadonlySet<string> = new Set(["id", "object", "created", "model", "choices", "usage", "service_tier"]);

const MESSAGE = new Set([
  ...["role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio", "images"],
  ...["reasoning_content", "reasoning", "reasoning_details"],
]);

/** Reads a whole answer of OpenAI's chat format. */
export function decodeResponse(json: unknown): ChatResponse {
  const completion = Fields.of(json, "", "upstream_invalid");
  if (completion.has("error") && !completion.has("choices")) throw decodeStreamError(completion);
  const id = completion.stringMaybe("id") ?? "";
  const choices = completion.objects("choices").map((choice) => decodeChoice(choice, id));
  if (choices.length === 0) throw new OmniError("upstream_invalid", "The provider's answer is invalid: it has no choices.");
  const createdS = completion.numberMaybe("created");
  const usage = completion.objectMaybe("usage");
  const serviceTier = completion.stringMaybe("service_tier");
  const bags = bag(WIRE, completion.rest(RESPONSE_KNOWN));
  return {
    id,
    model: completion.stringMaybe("model") ?? "",
    ...(createdS !== undefined && { createdS }),
    choices,
    ...(usage && { usage: decodeUsage(usage) }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(bags && { bags }),
  };
}

function decodeChoice(choice: Fields, id: string): Choice {
  if (choice.has("error")) throw decodeStreamError(choice);
  const message = choice.object("message");
  const index = choice.numberMaybe("index") ?? 0;
  const parts = withLogprobs(
    decodeAssistant(message, (call = 0) => callId(id, index, call)),
    decodeLogprobs(choice),
  );
  const finish = decodeFinish(choice, message.rest(MESSAGE));
  return { parts, finish: { ...finish, reason: finishReasonFor(finish.reason, parts) } };
}

/** The id of a call that the provider gave none: made of the answer's own, so that it is unique in a conversation and the same when made again. */
export function callId(responseId: string, choice: number, call: number): string {
  return `call_${stemOf(responseId)}_${choice}_${call}`;
}

/** The probabilities of the words; those of a refusal are left aside. */
export function decodeLogprobs(choice: Fields): readonly Json[] | undefined {
  const logprobs = choice.objectMaybe("logprobs")?.listMaybe("content");
  return logprobs?.length ? logprobs : undefined;
}

function withLogprobs(parts: AssistantPart[], logprobs: readonly Json[] | undefined): AssistantPart[] {
  const at = parts.findIndex((part) => part.type === "text");
  const part = parts[at];
  return logprobs === undefined || part?.type !== "text" ? parts : parts.with(at, { ...part, logprobs });
}
