import { OPERATIONS } from "../ir/operation.ts";
import { placesOf } from "../providers/address.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ProviderData } from "./data.ts";
import { type Fault, fault } from "./fault.ts";
import { type NamesInUse, nameFaults } from "./names-in-use.ts";
import { didYouMean } from "./nearest.ts";
import { faultsBySchema } from "./schema-faults.ts";
import type { SecretReference } from "./secret.ts";

/** What is wrong with one provider. */
export function providerFaults(
  name: string,
  provider: ProviderData,
  definitions: readonly ProviderDefinition[],
  /** All that its models are called in this configuration. */
  names: NamesInUse,
): Fault[] {
  const path = ["providers", name];
  const faults = nameFaults("provider", name, path);
  const definition = definitions.find((candidate) => candidate.name === provider.kind);
  if (definition === undefined) {
    const kinds = definitions.map((candidate) => candidate.name);
    const fix = didYouMean(provider.kind, kinds) ?? `what there is: ${kinds.join(", ")}`;
    return [...faults, fault("unknownKind", [...path, "kind"], `there is no kind of provider "${provider.kind}"`, fix)];
  }
  const hasAddress = definition.baseUrl !== undefined || definition.open !== undefined;
  const [lacking] = provider.baseUrl === undefined && provider.settings === undefined ? placesOf(definition.baseUrl ?? "") : [];
  if (lacking !== undefined)
    faults.push(
      fault("missing", path, `provider "${name}" does not say its ${lacking}`, `add settings: { ${lacking}: "…" }, or its whole baseUrl`),
    );
  if (provider.baseUrl === undefined && !hasAddress)
    faults.push(fault("missing", path, `provider "${name}" has no baseUrl`, `add where it lives: baseUrl: "http://127.0.0.1:8000/v1"`));
  if (provider.baseUrl !== undefined) faults.push(...baseUrlFaults(provider.baseUrl, [...path, "baseUrl"]));
  if (provider.accounts !== undefined) faults.push(...accountsFaults(name, provider, provider.accounts));
  const models = OPERATIONS.flatMap((operation) => [...names.models(name, operation)]);
  if (models.length === 0 && definition.openModels !== true)
    faults.push(fault("missing", path, `provider "${name}" has no models`, 'add their names: models: { chat: ["…"] }'));
  faults.push(...workFaults(name, provider, definition));
  for (const model of Object.keys(provider.facts ?? {})) {
    if (models.includes(model)) continue;
    const fix = didYouMean(model, models) ?? `add it to models, or take it out`;
    faults.push(fault("unknownModel", [...path, "facts", model], `provider "${name}" has no model "${model}"`, fix));
  }
  for (const [header, value] of Object.entries(provider.headers ?? {}))
    faults.push(...headerFaults(header, value, [...path, "headers", header]));
  if (provider.settings !== undefined) faults.push(...settingsOf(provider.settings, definition, [...path, "settings"]));
  return faults;
}

/** Models of a kind of work that nobody knows how to ask this provider for. */
function workFaults(name: string, { models = {} }: ProviderData, { services }: ProviderDefinition): Fault[] {
  const known = [...new Set(services.map(({ operation }) => operation))];
  return OPERATIONS.filter((operation) => (models[operation]?.length ?? 0) > 0 && !known.includes(operation)).map((operation) =>
    fault(
      "wrongWork",
      ["providers", name, "models", operation],
      `provider "${name}" can not be asked for ${operation}`,
      `take it out, or declare a provider that can; this one does ${known.join(", ")}`,
    ),
  );
}

function accountsFaults(name: string, { apiKey }: ProviderData, accounts: NonNullable<ProviderData["accounts"]>): Fault[] {
  const path = ["providers", name, "accounts"];
  const faults = Object.keys(accounts).flatMap((account) => nameFaults("account", account, [...path, account]));
  if (Object.keys(accounts).length === 0)
    faults.push(fault("emptyList", path, `provider "${name}" has no accounts`, "add one, or take this out"));
  if (apiKey !== undefined)
    faults.push(
      fault("unreachable", path, `provider "${name}" has an apiKey and accounts`, "make an account of the apiKey, or take it out"),
    );
  return faults;
}

/** What the connection is steered by; the gateway sets these itself. */
const OWN_HEADERS = /^(?:host|connection|content-length|transfer-encoding|keep-alive|upgrade|te|trailer|expect)$/i;

/** Found here and not when the first request fails. https://www.rfc-editor.org/rfc/rfc9110#name-fields */
function headerFaults(header: string, value: string | SecretReference, path: readonly string[]): Fault[] {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header))
    return [fault("badHeader", path, `"${header}" can not be the name of a header`, "use letters, digits and hyphens")];
  if (OWN_HEADERS.test(header)) return [fault("badHeader", path, `the header "${header}" is the gateway's own to set`, "take it out")];
  if (typeof value !== "string" || /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [];
  return [fault("badHeader", path, `the value of the header "${header}" has characters that none may have`, "use plain text on one line")];
}

function settingsOf(settings: object, definition: ProviderDefinition, path: readonly string[]): Fault[] {
  if (definition.settings !== undefined) return faultsBySchema(definition.settings, settings, path);
  return [fault("unknownKey", path, `a provider of kind "${definition.name}" has no settings`, "take them out")];
}

function baseUrlFaults(baseUrl: string, path: readonly string[]): Fault[] {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol))
    return [fault("badBaseUrl", path, "the baseUrl is no http address", "write it whole, such as https://api.example.com/v1")];
  if (url.username !== "" || url.password !== "")
    return [fault("badBaseUrl", path, "the baseUrl has credentials in it", 'take them out and use apiKey: secret.env("NAME")')];
  if (url.search !== "" || url.hash !== "")
    return [
      fault("badBaseUrl", path, "the baseUrl goes on after its path", "take out what begins with ? or #; paths are added at the end"),
    ];
  return [];
}
