import type { ConfigData, GuardrailData } from "./data.ts";
import { type Fault, fault } from "./fault.ts";

/** Which fields say something for which type, besides `type` and `for`. */
const FIELDS: Readonly<Record<GuardrailData["type"], readonly string[]>> = {
  pii: ["on", "action", "detect"],
  words: ["on", "action", "words"],
  "prompt-injection": ["on", "action", "sensitivity"],
  "max-tokens": ["inputTokens", "outputTokens"],
  http: ["url", "secret", "timeout", "onFailure"],
};

/** Finds guardrails that guard nothing, and words that mean nothing where they stand. */
export function guardrailFaults({ policies }: ConfigData): Fault[] {
  return Object.entries(policies?.guardrails ?? {}).flatMap(([name, data]) => {
    const path = ["policies", "guardrails", name];
    const strange = Object.keys(data).filter((field) => !["type", "for", ...FIELDS[data.type]].includes(field));
    const faults = strange.map((field) =>
      fault(
        "badGuardrail",
        [...path, field],
        `"${field}" means nothing for a guardrail of type "${data.type}"`,
        `it takes: ${FIELDS[data.type].join(", ")}`,
      ),
    );
    return [...faults, ...faultsOf(name, data, path)];
  });
}

function faultsOf(name: string, data: GuardrailData, path: readonly string[]): Fault[] {
  switch (data.type) {
    case "pii":
      return data.detect?.length === 0
        ? [
            fault(
              "badGuardrail",
              [...path, "detect"],
              `guardrail "${name}" looks for nothing`,
              'name some, such as "email", or leave it out',
            ),
          ]
        : [];
    case "words":
      return (data.words ?? []).some((word) => word.trim() !== "")
        ? []
        : [fault("badGuardrail", path, `guardrail "${name}" has no words to look for`, 'add words: ["project blue"]')];
    case "prompt-injection":
      if (data.action === "redact")
        return [
          fault(
            "badGuardrail",
            [...path, "action"],
            "there is nothing to leave out of an attempt to turn the model",
            'write "block" or "note"',
          ),
        ];
      return data.on === "output" || data.on === "both"
        ? [fault("badGuardrail", [...path, "on"], "only requests can try to turn the model", 'write "input", or leave it out')]
        : [];
    case "max-tokens":
      return data.inputTokens === undefined && data.outputTokens === undefined
        ? [fault("badGuardrail", path, `guardrail "${name}" allows everything`, "add inputTokens: 8000, or outputTokens")]
        : [];
    case "http":
      return httpFaults(name, data, path);
    default:
      return data.type satisfies never;
  }
}

function httpFaults(name: string, { url, onFailure }: GuardrailData, path: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  if (url === undefined || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    faults.push(fault("badGuardrail", path, `guardrail "${name}" has no address`, 'add url: "https://guard.example.com/check"'));
  else if (new URL(url).username !== "" || new URL(url).password !== "")
    faults.push(
      fault("badGuardrail", [...path, "url"], "an address holds no credentials", "leave them out; what is sent can be signed: secret"),
    );
  if (onFailure === undefined)
    faults.push(
      fault(
        "badGuardrail",
        path,
        `guardrail "${name}" does not say what happens when it can not be asked`,
        'add onFailure: "deny" or "allow"',
      ),
    );
  return faults;
}
