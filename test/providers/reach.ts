import type { ProviderData } from "../../src/config/data.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import { ANONYMOUS } from "../../src/policies/caller.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";
import { openaiChat } from "../../src/wire/openai-chat/index.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { simulatedWorld } from "../../src/world/simulated.ts";

/** What a provider was asked, and what the client got. */
export interface Reached {
  readonly request: NetworkRequest;
  readonly status: number;
  readonly text: string;
  readonly notes: readonly string[];
}

/** Asks one provider by way of the gateway, as a client of OpenAI's chat. @param secret What its key resolves to. */
export async function reach(provider: ProviderData, model: string, secret: string, response: Response, stream = false): Promise<Reached> {
  const requests: NetworkRequest[] = [];
  const world = simulatedWorld((request) => {
    requests.push(request);
    return Promise.resolve(response);
  });
  const gateway = new Gateway(world, { settled: () => {}, mistaken: () => {} });
  const plan = compile({ providers: { p: provider } }, { definitions: PROVIDERS, wires: WIRES, bridgeOf });
  await gateway.adopt(plan, async () => secret);
  const reply = await gateway.serve({
    wire: openaiChat,
    provider: undefined,
    rest: "",
    caller: ANONYMOUS,
    address: () => "",
    body: Buffer.from(JSON.stringify({ model: `p/${model}`, stream, messages: [{ role: "user", content: "hi" }] })),
    headers: new Headers(),
    signal: new AbortController().signal,
  });
  const text = await new Response(reply.body as BodyInit).text();
  return { request: requests[0]!, status: reply.status, text, notes: plan.notes };
}
