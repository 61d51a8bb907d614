import type { ConfigData } from "../../src/config/data.ts";
import { Gateway, type Reply, type Settlement } from "../../src/gateway/gateway.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import type { Plan } from "../../src/routing/plan.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";
import { openaiChat } from "../../src/wire/openai-chat/index.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { type Answering, type SimulatedWorld, simulatedWorld } from "../../src/world/simulated.ts";

export const SSE = { "content-type": "text/event-stream" };

/** One event of a chat stream. */
export function delta(content: string, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
}

export const END: string = `${delta("", "stop")}data: [DONE]\n\n`;

/** A whole answer of chat. */
export const WHOLE: string = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});

export function planOf(config: Omit<ConfigData, "providers">, providers = ["a", "b", "c"]): Plan {
  const entries = providers.map((name) => [
    name,
    { kind: "openai-compatible", baseUrl: `http://${name}.test/v1`, models: { chat: ["m"] } },
  ]);
  return compile({ providers: Object.fromEntries(entries), ...config }, { definitions: PROVIDERS, wires: WIRES, bridgeOf });
}

/** A gateway in a world that stands still, and what it did. */
export interface Carried {
  readonly gateway: Gateway;
  readonly world: SimulatedWorld;
  readonly settlements: Settlement[];
  readonly mistakes: unknown[];
  /** The providers that were asked, in order. */
  readonly asked: string[];
  ask(model: string, options?: AskOptions): Promise<Reply>;
}

export interface AskOptions {
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly caller?: Caller;
  readonly address?: string;
  /** More of the body, or something else in it. */
  readonly body?: object;
}

/** @param answering What providers answer; by their name. */
export async function carry(plan: Plan, answering: (provider: string, request: NetworkRequest) => ReturnType<Answering>): Promise<Carried> {
  const asked: string[] = [];
  const world = simulatedWorld((request) => {
    const provider = new URL(request.url).hostname.replace(".test", "");
    asked.push(provider);
    return answering(provider, request);
  });
  const settlements: Settlement[] = [];
  const mistakes: unknown[] = [];
  const gateway = new Gateway(world, {
    settled: (settlement) => void settlements.push(settlement),
    mistaken: (error) => void mistakes.push(error),
  });
  await gateway.adopt(plan, async () => "secret");
  return {
    gateway,
    world,
    settlements,
    mistakes,
    asked,
    ask: (
      model,
      { stream = false, signal = new AbortController().signal, headers = {}, caller = ANONYMOUS, address = "", body = {} } = {},
    ) =>
      gateway.serve({
        wire: openaiChat,
        provider: undefined,
        rest: "",
        body: Buffer.from(JSON.stringify({ model, stream, messages: [{ role: "user", content: "hi" }], ...body })),
        headers: new Headers(headers),
        caller,
        address: () => address,
        signal,
      }),
  };
}

/** A provider's stream that the test writes, and that breaks when the gateway lets go of it, as a real one does. */
export class Source {
  readonly response: Response;
  /** Whether the gateway let go of it. */
  released = false;
  private controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor({ signal }: NetworkRequest, headers: Record<string, string> = SSE) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
      cancel: () => {
        this.released = true;
      },
    });
    signal.addEventListener("abort", () => {
      if (this.released) return;
      this.released = true;
      this.controller.error(signal.reason);
    });
    this.response = new Response(body, { headers });
  }

  write(text: string): this {
    this.controller.enqueue(Buffer.from(text));
    return this;
  }

  end(): void {
    this.controller.close();
  }
}

/** Reads a reply's stream as a client does, keeping what came. */
export class Client {
  text = "";
  /** How it ended: cleanly, or broken off. */
  outcome: "open" | "ended" | "broken" = "open";
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(reply: Reply) {
    this.reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    void this.read();
  }

  leave(): Promise<void> {
    return this.reader.cancel();
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.reader.read();
        if (done) break;
        this.text += decoder.decode(value, { stream: true });
      }
      this.outcome = "ended";
    } catch {
      this.outcome = "broken";
    }
  }
}

export function errorOf(reply: Reply): { code: string; message: string } {
  return JSON.parse(Buffer.from(reply.body as Uint8Array).toString()).error;
}
