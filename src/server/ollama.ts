import { OmniError } from "../ir/failure.ts";
import type { Wire } from "../wire/wire.ts";
import type { ServerContext } from "./context.ts";
import { type Answer, type Endpoint, type EndpointDetail, PREFIXES } from "./endpoint.ts";
import { allModels, type Model, providerModels } from "./models.ts";
import { receiveBody } from "./receive.ts";
import { refuse, respondJson } from "./reply.ts";

/** The version of Ollama whose interface is spoken here. Clients look at it to know what they may ask for. https://docs.ollama.com/api */
const INTERFACE_VERSION = "0.13.0";

/** A question for a model is no longer than this. */
const SHOW_BYTES_MAX = 64 * 1024;

const SHOW_BODY = { type: "object", required: ["model"], properties: { model: { type: "string" } }, examples: [{ model: "default" }] };

/** What Ollama's clients ask besides chatting: what there is, what it is like, and with whom they talk. None without Ollama's wire. */
export function ollamaEndpoints(context: ServerContext): readonly Endpoint[] {
  const wire = context.wires.find(({ name }) => name === "ollama-chat");
  if (wire?.downstream === undefined) return [];
  const envelope = wire.downstream;
  const endpoint = (method: Endpoint["method"], path: string, detail: EndpointDetail, answer: Answer): Endpoint => ({
    method,
    path,
    access: "client",
    detail,
    answer,
    envelope,
  });
  const below = (root: string, models: (params: Parameters<Answer>[2]) => readonly Model[]): Endpoint[] => [
    endpoint("GET", `${root}/api/tags`, { tag: "Models", summary: "All models, as Ollama lists them" }, (_, __, params) =>
      respondJson({ models: models(params).map(tagOf) }, context.stamp()),
    ),
    endpoint(
      "POST",
      `${root}/api/show`,
      { tag: "Models", summary: "One model, as Ollama shows it", body: SHOW_BODY },
      async (request, _, params) => {
        try {
          const name = await nameIn(context, wire, request);
          return respondJson(showOf(find(models(params), name)), context.stamp());
        } catch (error) {
          // What is thrown late would be told in words that are not Ollama's.
          if (error instanceof OmniError) return refuse(error, envelope, context.stamp());
          throw error;
        }
      },
    ),
    endpoint("GET", `${root}/api/version`, { tag: "Status", summary: "The version of Ollama's interface that is spoken" }, () =>
      respondJson({ version: INTERFACE_VERSION }, context.stamp()),
    ),
  ];
  return [
    ...["", ...PREFIXES].flatMap((root) => below(root, () => allModels(context))),
    ...PREFIXES.flatMap((prefix) => below(`${prefix}/providers/:provider`, ({ provider = "" }) => providerModels(context, provider))),
  ];
}

async function nameIn({ world }: ServerContext, wire: Wire, request: Request): Promise<string> {
  const body = await receiveBody(request, wire.downstream?.takes, SHOW_BYTES_MAX, world.clock);
  let json: { readonly model?: unknown; readonly name?: unknown } | null;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw new OmniError("malformed_json", "Cannot read the body as JSON.", { cause });
  }
  // Its name was `name` once, and older clients still say so.
  const name = json?.model ?? json?.name;
  if (typeof name === "string" && name !== "") return name;
  throw new OmniError("invalid_request", "Cannot show a model: `model` must be its name.", { param: "model" });
}

function find(models: readonly Model[], name: string): Model {
  // Ollama's clients add a tag where there is none.
  const model = models.find(({ id }) => id === name) ?? models.find(({ id }) => `${id}:latest` === name);
  if (model !== undefined) return model;
  throw new OmniError("not_found", `model ${JSON.stringify(name.slice(0, 100))} not found. GET /api/tags lists them all.`, {
    param: "model",
  });
}

function tagOf(model: Model): object {
  const { id, created } = model;
  return {
    name: id,
    model: id,
    modified_at: momentOf(created),
    size: 0,
    // Tells models apart, which is all that clients use it for.
    digest: new Bun.CryptoHasher("sha256").update(id).digest("hex"),
    details: detailsOf(model),
  };
}

function showOf(model: Model): object {
  return {
    license: "",
    modelfile: "",
    parameters: "",
    template: "",
    details: detailsOf(model),
    model_info: { "general.architecture": model.owned_by, "general.basename": model.id },
    // Tools are carried to every provider; whether a model makes use of them is its own affair.
    capabilities: ["completion", "tools"],
    modified_at: momentOf(model.created),
  };
}

function detailsOf({ owned_by: family }: Model): object {
  return { parent_model: "", format: "", family, families: [family], parameter_size: "", quantization_level: "" };
}

function momentOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
