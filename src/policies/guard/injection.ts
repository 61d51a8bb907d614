import { PhraseFinder } from "./phrases.ts";

/** How much it takes for a text to count as an attempt to turn a model against its operator. */
export type InjectionSensitivity = "low" | "medium" | "high";

const THRESHOLDS: Readonly<Record<InjectionSensitivity, number>> = { low: 2, medium: 1, high: 0.5 };

const combined = (...lists: readonly (readonly string[])[]): string[] =>
  lists.reduce<string[]>((heads, list) => heads.flatMap((head) => list.map((word) => `${head} ${word}`.trim().replace(/ +/g, " "))), [""]);

/** Said by hardly anybody who means no harm. */
const PLAIN: readonly string[] = [
  ...combined(
    ["ignore", "disregard", "forget", "override", "bypass"],
    ["", "all", "any", "the", "your", "my", "all the", "all of the", "all your", "all of your"],
    ["previous", "prior", "above", "earlier", "preceding", "original", "system", "initial"],
    ["instructions", "instruction", "prompts", "prompt", "rules", "directions", "guidelines", "messages", "context"],
  ),
  ...combined(
    ["ignore", "disregard", "forget"],
    ["everything", "all", "anything"],
    ["above", "before this", "you were told", "you have been told"],
  ),
  ...combined(
    ["reveal", "show", "print", "repeat", "output", "display", "leak", "give me", "tell me", "what is", "what are"],
    ["", "me"],
    ["your", "the"],
    ["", "hidden", "secret", "full", "entire", "exact", "initial", "original"],
    ["system prompt", "system message", "system instructions", "hidden instructions", "initial instructions"],
  ),
  ...combined(
    ["you are now", "act as", "pretend to be", "become"],
    ["", "a", "an"],
    ["dan", "jailbroken", "unrestricted ai", "unfiltered ai"],
  ),
  ...["do anything now", "developer mode enabled", "enable developer mode", "you have no restrictions", "you are no longer bound by"],
  ...[
    "without any restrictions or filters",
    "your new instructions are",
    "new system prompt",
    "end of system prompt",
    "begin new instructions",
  ],
  ...["im start system", "begin system message", "repeat the words above", "repeat everything above"],
];

/** Said by many who mean no harm, and by those who do. */
const DOUBTFUL: readonly string[] = [
  ...["jailbreak", "system prompt", "hidden prompt", "prompt injection", "developer mode", "no restrictions", "without restrictions"],
  ...["pretend you are", "roleplay as", "hypothetically speaking", "do not refuse", "you must comply", "stay in character", "uncensored"],
];

/** So many tags are in the flag of a region; more of them in a row are words. */
const HIDDEN_MAX = 8;

const plain = new PhraseFinder(PLAIN);
const doubtful = new PhraseFinder(DOUBTFUL);

/**
 * Whether a text looks like an attempt to turn a model against its operator. A heuristic: it knows how such texts are usually worded, in English, whatever
 * their spelling hides; who words it in a new way gets through.
 */
export function isInjection(text: string, sensitivity: InjectionSensitivity): boolean {
  return injectionScore(text) >= THRESHOLDS[sensitivity];
}

/** 1 for each wording that means harm, a half for each that may, and 1 for writing that people can not see and models can. */
export function injectionScore(text: string): number {
  const hidden = hasHiddenWriting(text) ? 1 : 0;
  const words = plainWords(text);
  return hidden + plain.find(words).length + doubtful.find(words).length / 2;
}

/** Tags (U+E0000 to U+E007F) spell out words that no screen shows. Emoji flags of regions use some of them, behind a black flag. */
function hasHiddenWriting(text: string): boolean {
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const isTag = text.charCodeAt(at) === 0xdb40 && text.charCodeAt(at + 1) >= 0xdc00 && text.charCodeAt(at + 1) <= 0xdc7f;
    if (!isTag) run = 0;
    else if (++run > HIDDEN_MAX) return true;
    else at++;
  }
  return false;
}

/** As it is meant: one script's look-alikes folded where Unicode says so, nothing invisible, one blank between words and no marks. */
function plainWords(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .toLowerCase();
}
