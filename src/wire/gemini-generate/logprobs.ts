import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";

/** Reads `logprobsResult` into OpenAI's form, which is the one that the IR holds. */
export function decodeLogprobs(candidate: Fields): readonly Json[] | undefined {
  const result = candidate.objectMaybe("logprobsResult");
  const chosen = result?.objectsMaybe("chosenCandidates");
  if (result === undefined || chosen === undefined || chosen.length === 0) return undefined;
  const top = result.objectsMaybe("topCandidates") ?? [];
  return chosen.map((token, index) => ({
    ...decodeToken(token),
    top_logprobs: top[index]?.objectsMaybe("candidates")?.map(decodeToken) ?? [],
  }));
}

function decodeToken(candidate: Fields): JsonObject {
  const token = candidate.stringMaybe("token") ?? "";
  return { token, logprob: candidate.numberMaybe("logProbability") ?? 0, bytes: [...new TextEncoder().encode(token)] };
}

/** Writes `logprobsResult`; what is not in OpenAI's form is left out. */
export function encodeLogprobs(logprobs: readonly Json[]): JsonObject {
  const tokens = logprobs.filter(isJsonObject);
  return {
    topCandidates: tokens.map(({ top_logprobs: top }) => ({
      candidates: Array.isArray(top) ? top.filter(isJsonObject).map(encodeToken) : [],
    })),
    chosenCandidates: tokens.map(encodeToken),
  };
}

function encodeToken({ token, logprob }: JsonObject): JsonObject {
  return { token: token ?? "", logProbability: logprob ?? 0 };
}
