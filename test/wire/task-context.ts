import type { ModelSheet } from "../../src/ir/model-sheet.ts";
import type { TaskCall, TaskContext, TaskUpstream } from "../../src/wire/task.ts";
import type { Wire } from "../../src/wire/wire.ts";

/** Has work done by a format's provider's half, which is answered as the test says. */
export async function performed(
  wire: Wire,
  request: object,
  answer: unknown,
  options: { readonly sheet?: ModelSheet; readonly model?: string } = {},
) {
  const calls: TaskCall[] = [];
  const context: TaskContext = {
    model: options.model ?? "m",
    sheet: options.sheet ?? {},
    stream: false,
    requestId: "r",
    call: async (call) => {
      calls.push(call);
      return new Response(typeof answer === "string" ? answer : JSON.stringify(answer));
    },
    pause: async () => {},
    fetchUrl: () => Promise.reject(new Error("Nothing is to be fetched.")),
  };
  const task = wire.upstream({}).task as unknown as TaskUpstream<never>; // A suite gives each format what it knows.
  const outcome = await Promise.resolve()
    .then(() => task.perform(request as never, context))
    .catch((error: unknown) => error);
  const done = outcome as {
    readonly type: "whole";
    readonly result: never;
    readonly usage: object;
    readonly losses: readonly { what: string }[];
  };
  return {
    calls,
    outcome,
    // biome-ignore lint/suspicious/noExplicitAny: it is looked into here and there.
    result: done.result as any,
    usage: done.usage,
    losses: (done.losses ?? []).map(({ what }) => what),
    /** Of the one call that was made, whose body is JSON. */
    sent: calls.map(({ method = "POST", path, body }) => ({
      method,
      path,
      ...(body !== undefined && { body: JSON.parse(Buffer.from(body).toString()) }),
    })),
  };
}
