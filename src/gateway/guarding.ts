import type { ChatEvent } from "../ir/chat-events.ts";
import { OmniError } from "../ir/failure.ts";
import type { Operation } from "../ir/operation.ts";
import type { Caller } from "../policies/caller.ts";
import { type GuardAction, type GuardNote, Guards, type GuardsOf } from "../policies/guard/guard.ts";
import { GuardedStream } from "../policies/guard/guarded-stream.ts";
import { ANSWER_FIELDS, REQUEST_FIELDS, type TextSpan, textOf, textSpans, withTexts } from "../policies/guard/json-texts.ts";
import { isWhom } from "../policies/limit-subject.ts";
import type { PlannedGuardrails, PlannedTokenGuard } from "../routing/plan-guardrails.ts";
import { readChatFacts } from "../wire/chat-facts.ts";
import type { EventFilter } from "../wire/event-filter.ts";
import type { Downstream, RequestHead } from "../wire/wire.ts";
import type { World } from "../world/world.ts";
import type { Received } from "./gateway.ts";
import { RemoteGuard } from "./remote-guard.ts";

/** What a guardrail has found in an exchange. */
export interface GuardFinding {
  readonly guardrail: string;
  readonly action: GuardAction;
  readonly label: string;
}

/** The header that tells of them, names only: `pii=redact:email,card`. */
export const GUARD_HEADER = "x-omni-guardrail";

/** More findings of an exchange are acted upon, and not told. */
const FINDINGS_MAX = 200;

/** The guardrails of a plan, in force. */
export class Guarding {
  private readonly guards: Guards;
  private readonly tokens: readonly PlannedTokenGuard[];
  private readonly remotes: readonly RemoteGuard[];

  /** @param secrets Of the guards that are asked over the network, by their names. */
  constructor({ rules, tokens, remotes }: PlannedGuardrails, secrets: ReadonlyMap<string, string>, world: World) {
    this.guards = new Guards(rules);
    this.tokens = tokens;
    this.remotes = remotes.map((planned) => new RemoteGuard(planned, secrets.get(planned.name), world));
  }

  /**
   * Looks at a request.
   * @throws {OmniError} `content_policy_violation`, `context_length_exceeded` or `invalid_request`, if it may not go on.
   */
  open({ caller, wire, rest, query = "" }: Received, downstream: Downstream, body: Uint8Array, head: RequestHead): GuardedExchange {
    for (const guard of this.tokens) if (guard.for === undefined || isWhom(guard.for, caller)) checkTokens(guard, body, wire.operation);
    const findings: GuardFinding[] = [];
    const noted: GuardNote = (guardrail, action, label) => {
      if (findings.length < FINDINGS_MAX) findings.push({ guardrail, action, label });
    };
    // What is no JSON is a file with fields around it; there are no texts in it that a model reads as such.
    const isJson = body[0] === 123 || body.subarray(0, 64).includes(123);
    const input = isJson ? this.guards.for(caller, "input") : undefined;
    const changed = input === undefined ? body : checked(input, body, REQUEST_FIELDS, noted);
    const output = this.guards.for(caller, "output");
    if (changed === body) return new GuardedExchange(body, head, findings, output, noted);
    // Everything behind the first change stands elsewhere now.
    const { valueStart, valueEnd, modelBytes, modelStart, modelEnd, usageWish } = downstream.readHead(changed, rest, query);
    const places = { valueStart, valueEnd, modelBytes, modelStart, modelEnd, usageWish };
    return new GuardedExchange(changed, { ...head, ...places }, findings, output, noted);
  }

  /** Whether somebody else is to be asked as well. */
  asksOthers(caller: Caller): boolean {
    return this.remotes.some(({ planned }) => planned.for === undefined || isWhom(planned.for, caller));
  }

  /**
   * Asks others about a request, all at once.
   * @throws {OmniError} `content_policy_violation`, if one of them says no, or says nothing and counts as a no then.
   */
  async askOthers(requestId: string, caller: Caller, operation: Operation, route: string, body: Uint8Array): Promise<void> {
    const texts = textSpans(body, REQUEST_FIELDS).map(({ start, end, role }) => ({ role, text: textOf(body, start, end) }));
    const asked = this.remotes.filter(({ planned }) => planned.for === undefined || isWhom(planned.for, caller));
    await Promise.all(asked.map((remote) => remote.check({ requestId, key: caller.keyName, operation, model: route, texts })));
  }

  /** Lets go of connections. */
  close(): void {
    for (const remote of this.remotes) remote.close();
  }
}

/** One exchange as its guardrails see it. */
export class GuardedExchange {
  /** The request as it may go on. */
  readonly body: Uint8Array;
  readonly head: RequestHead;
  readonly findings: readonly GuardFinding[];
  private readonly output: GuardsOf | undefined;
  private readonly noted: GuardNote;

  constructor(body: Uint8Array, head: RequestHead, findings: readonly GuardFinding[], output: GuardsOf | undefined, noted: GuardNote) {
    this.body = body;
    this.head = head;
    this.findings = findings;
    this.output = output;
    this.noted = noted;
  }

  /**
   * Looks at a whole answer. @returns What may be given of it.
   * @throws {OmniError} `content_policy_violation`.
   */
  answer(body: Uint8Array): Uint8Array {
    return this.output === undefined ? body : checked(this.output, body, ANSWER_FIELDS, this.noted);
  }

  /** Whether anything looks at its answer, and may change it. */
  get looksAtAnswer(): boolean {
    return this.output !== undefined;
  }

  /** What looks at a streamed answer; undefined where nothing has to. */
  filter(): EventFilter | undefined {
    return this.output === undefined ? undefined : new GuardFilter(this.output, this.noted);
  }

  /** What was found so far, for the answer's header; undefined if nothing was. */
  get told(): string | undefined {
    if (this.findings.length === 0) return undefined;
    const labels = new Map<string, Set<string>>();
    for (const { guardrail, action, label } of this.findings) {
      const name = `${guardrail}=${action}`;
      labels.set(name, (labels.get(name) ?? new Set()).add(label));
    }
    return [...labels].map(([name, each]) => `${name}:${[...each].join(",")}`).join("; ");
  }
}

/** Looks at the texts of a streamed answer as they come by, each part for itself. */
class GuardFilter implements EventFilter {
  private readonly guards: GuardsOf;
  private readonly noted: GuardNote;
  private readonly parts = new Map<string, { readonly stream: GuardedStream; readonly event: (text: string) => ChatEvent }>();

  constructor(guards: GuardsOf, noted: GuardNote) {
    this.guards = guards;
    this.noted = noted;
  }

  push(event: ChatEvent, into: ChatEvent[]): void {
    switch (event.type) {
      case "text-delta": {
        const { choice, part } = event;
        // What is said of single tokens would tell what they were.
        const text = this.of(`${choice} ${part}`, (piece) => ({ type: "text-delta", choice, part, text: piece })).push(event.text);
        if (text !== "") into.push({ type: "text-delta", choice, part, text });
        return;
      }
      case "reasoning-delta": {
        const { choice, part, piece, form } = event;
        const key = `${choice} ${part} ${piece} ${form}`;
        const text = this.of(key, (more) => ({ type: "reasoning-delta", choice, part, piece, form, text: more })).push(event.text);
        if (text !== "") into.push({ ...event, text });
        return;
      }
      case "arguments-delta": {
        const { choice, part } = event;
        const json = this.of(`${choice} ${part} json`, (more) => ({ type: "arguments-delta", choice, part, json: more })).push(event.json);
        if (json !== "") into.push({ ...event, json });
        return;
      }
      case "part-start": {
        const { content, choice, part } = event;
        if ((content.type !== "text" && content.type !== "refusal") || content.text === "") {
          into.push(event);
          return;
        }
        into.push({ ...event, content: { ...content, text: "" } });
        this.push({ type: "text-delta", choice, part, text: content.text }, into);
        return;
      }
      case "part-end":
        this.release(`${event.choice} ${event.part}`, into);
        into.push(event);
        return;
      case "finish":
        this.release(`${event.choice} `, into);
        into.push(event);
        return;
      default:
        into.push(event);
    }
  }

  private of(key: string, event: (text: string) => ChatEvent): GuardedStream {
    const known = this.parts.get(key);
    if (known !== undefined) return known.stream;
    const stream = new GuardedStream(this.guards, this.noted);
    this.parts.set(key, { stream, event });
    return stream;
  }

  private release(prefix: string, into: ChatEvent[]): void {
    for (const [key, { stream, event }] of this.parts) {
      if (key !== prefix && !key.startsWith(prefix.endsWith(" ") ? prefix : `${prefix} `)) continue;
      const text = stream.end();
      if (text !== "") into.push(event(text));
      this.parts.delete(key);
    }
  }
}

function checked(guards: GuardsOf, body: Uint8Array, fields: ReadonlySet<string>, noted: GuardNote): Uint8Array {
  const changes: { readonly span: TextSpan; readonly text: string }[] = [];
  for (const span of textSpans(body, fields)) {
    const said = textOf(body, span.start, span.end);
    const text = guards.check({ text: said, role: span.role }, noted);
    if (text !== said) changes.push({ span, text });
  }
  return changes.length === 0 ? body : withTexts(body, changes);
}

function checkTokens({ name, inputTokens, outputTokens }: PlannedTokenGuard, body: Uint8Array, operation: Operation): void {
  if (operation !== "chat") {
    if (inputTokens !== undefined && body.length / 4 > inputTokens) throw tooLong(name, inputTokens);
    return;
  }
  const facts = readChatFacts(body);
  if (inputTokens !== undefined && facts.inputTokens > inputTokens) throw tooLong(name, inputTokens);
  if (outputTokens !== undefined && (facts.outputTokensMax ?? 0) > outputTokens)
    throw new OmniError(
      "invalid_request",
      `Cannot take this request: it asks for ${facts.outputTokensMax} tokens, and the guardrail "${name}" allows ${outputTokens}.`,
      { param: "max_tokens" },
    );
}

function tooLong(name: string, inputTokens: number): OmniError {
  return new OmniError(
    "context_length_exceeded",
    `Cannot take this request: it is longer than the ${inputTokens} tokens that the guardrail "${name}" allows, as far as can be told before it is sent.`,
  );
}
