import { createHash } from "node:crypto";
import { Refusal, type SimulatedEvent, type SimulatedWork } from "./operation.ts";
import { sampleOf } from "./sample.ts";

/**
 * Models whose names begin so think before each turn, call what tools they are offered for two rounds, and then speak. They take their reasoning back as
 * strictly as the real ones do: byte for byte, only from the account that it was given to, and they miss it where it is missing.
 */
export const REASONER = "reasoner";

/** How often tools are called after one question. */
const ROUNDS = 2;

/** What a reasoner does next. */
export interface Thought {
  /** What it says of how it came to it. */
  readonly text: string;
  /** What it calls; empty where it speaks. */
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  /** What it says to the client. */
  readonly answer: string;
}

/** A tool as it was offered. */
export interface Offer {
  readonly name: string;
  readonly parameters: unknown;
}

/**
 * Thinks.
 * @param question What was asked, which all else follows from.
 * @param round How often tools were called since.
 */
export function think(question: string, round: number, offers: readonly Offer[]): Thought {
  const text = `Round ${round} of “${question}”: é🙂 what do I need?`;
  const called = round < ROUNDS ? offers.slice(0, 2) : [];
  const calls = called.map(({ name, parameters }, at) => ({
    id: `call_${digest(question, String(round), String(at)).slice(0, 20)}`,
    name,
    input: sampleOf(parameters ?? { type: "object" }),
  }));
  return { text, calls, answer: calls.length === 0 ? `I thought ${round} times about: ${question}` : "" };
}

/** Vouches for a text, for one account. */
export function sign(account: string, text: string): string {
  return digest(account, text);
}

/** Who asks, by the credential that was sent. */
export function accountOf(headers: { get(name: string): string | null }): string {
  return headers.get("x-api-key") ?? headers.get("x-goog-api-key") ?? headers.get("authorization") ?? "nobody";
}

/** Whether a value is an object; what else there is in a request, a real server would refuse. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; nothing of what is none. */
export function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The words of a content, be it a text or parts of which some are texts. */
export function wordsOf(content: unknown): string {
  if (typeof content === "string") return content;
  return objects(content)
    .map((part) => (typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

/** Refuses as such servers do. */
export function refused(message: string, code: string | null = null): Refusal {
  return new Refusal(400, message, { code });
}

/** A whole answer. */
export function wholeWork(body: object): SimulatedWork {
  return { type: "whole", contentType: "application/json", body: JSON.stringify(body), hollow: "{}", events: 1 };
}

/** A stream of events, each with its type as its name. */
export function streamWork(events: readonly object[], isNamed: boolean): SimulatedWork {
  const write = (event: unknown): string => {
    const name = isNamed && isObject(event) ? `event: ${String(event["type"])}\n` : "";
    return `${name}data: ${JSON.stringify(event)}\n\n`;
  };
  const simulated = events.map((event, at): SimulatedEvent => ({ type: at === 0 ? "open" : "content", text: write(event) }));
  return { type: "stream", contentType: "text/event-stream", events: simulated, errorEvent: write };
}

function digest(...words: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("base64url");
}
