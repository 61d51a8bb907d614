import { OmniError } from "../ir/failure.ts";
import type { SpeechEvent } from "../ir/speech.ts";
import type { Usage } from "../ir/usage.ts";
import type { NetworkResponse } from "../world/network.ts";
import type { TaskStreamDecoder } from "./task.ts";

/** What a spoken text used where nobody says: its characters, which is what is billed. */
export function spokenUsage(text: string): Usage {
  return { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0, characters: text.length };
}

/** Sound that comes as it is made, handed on piece by piece as it came. Its framing is the transport's, which tells what broke off. */
export class SoundStream implements TaskStreamDecoder<SpeechEvent> {
  readonly usage: Usage | undefined;
  private started = false;

  constructor(usage: Usage | undefined) {
    this.usage = usage;
  }

  push(bytes: Uint8Array): readonly SpeechEvent[] {
    if (bytes.length === 0) return [];
    this.started = true;
    return [{ type: "sound", bytes }];
  }

  end(): readonly SpeechEvent[] {
    if (!this.started) throw new OmniError("upstream_invalid", "Cannot use the provider's answer: there is no sound in it.");
    return [{ type: "end" }];
  }
}

/** @throws {OmniError} `upstream_invalid`, if what was answered is a text: a web page, or an error with a good status. */
export function checkIsSound(response: NetworkResponse): void {
  const type = response.headers.get("content-type") ?? "";
  if (/^(?:text|application\/(?:json|problem))/i.test(type))
    throw new OmniError("upstream_invalid", `Cannot use the provider's answer: sound was asked for, and it is ${type}.`);
}
