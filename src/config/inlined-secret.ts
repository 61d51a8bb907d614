import { type Fault, fault } from "./fault.ts";

/** Names of headers, and of keys in the configuration, whose values are secrets. */
const SECRET_NAME =
  /^(?:authorization|proxy-authorization|cookie|apikey|(?:x-|api-|x-api-|x-goog-api-)?(?:key|token|secret))$|[-_](?:key|token|secret)$/i;

/** How keys of well-known vendors begin. */
const SECRET_VALUE = /\b(?:sk|pk|rk|gsk|xai|ghp|gho|pplx|omni|hf|r8|nvapi|AIza|AKIA)[-_]?[A-Za-z0-9][\w-]{7,}|\bBearer\s+\S{8,}/;

/** What was found where a secret stands written out. */
export interface InlinedSecrets {
  readonly faults: readonly Fault[];
  /** The secrets themselves: never shown, only looked for in what is to be shown. */
  readonly values: readonly string[];
}

/**
 * Finds secrets that stand in the configuration itself, whatever else may be wrong with it.
 * @param value What the file evaluated to, unchecked.
 */
export function findInlinedSecrets(value: unknown): InlinedSecrets {
  const faults: Fault[] = [];
  const values: string[] = [];
  const found = (text: string, path: readonly string[], instead: string): void => {
    if (text !== "") values.push(text);
    faults.push(fault("inlinedSecret", path, `a secret is written in the configuration: "${mask(text)}"`, instead));
  };
  const walk = (item: unknown, path: readonly string[]): void => {
    if (typeof item === "string") {
      const password = path.at(-1) === "baseUrl" ? URL.parse(item)?.password : undefined;
      // `validate` tells that fault; here it is only kept from being shown.
      if (password) values.push(decodeURIComponent(password), password);
      if (isSecret(item, path)) found(item, path, 'use secret.env("NAME"), secret.file("/path") or secret.exec(["command"])');
    } else if (isReference(item)) {
      const name = item.$secret === "env" && typeof item.name === "string" ? item.name : undefined;
      if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name))
        found(name, path, 'secret.env takes the name of an environment variable, such as secret.env("OPENAI_API_KEY")');
    } else if (typeof item === "object" && item !== null) {
      for (const [key, part] of Object.entries(item)) walk(part, [...path, key]);
    }
  };
  walk(value, []);
  return { faults, values };
}

/** Makes a text fit to be shown: no secret of `values`, and nothing that looks like one. */
export function maskSecrets(text: string, values: readonly string[]): string {
  let masked = text;
  // Longest first, since one may be part of another; a very short one only where it stands by itself, or half of the text would go.
  for (const value of values.toSorted((a, b) => b.length - a.length)) {
    const around = value.length < 4 ? /(?<![\w-])PLACE(?![\w-])/.source : "PLACE";
    masked = masked.replace(
      new RegExp(
        around.replace("PLACE", () => RegExp.escape(value)),
        "g",
      ),
      mask(value),
    );
  }
  // What stands where a secret belongs is hidden even if the file could not be evaluated, so that nothing is known of its values.
  masked = masked.replace(
    /((?:api_?key|token|secret|password|authorization)["']?\s*:\s*)(["'`])((?:(?!\2).)+)\2/gi,
    (_, before, quote, value) => {
      return `${before}${quote}${mask(value)}${quote}`;
    },
  );
  return masked.replace(/(:\/\/[^/\s"'`:@]*:)[^/\s"'`@]+@/g, "$1…@").replace(new RegExp(SECRET_VALUE, "g"), mask);
}

function isSecret(value: string, path: readonly string[]): boolean {
  const [section, , third] = path;
  const key = path.at(-1) ?? "";
  if (section === "server") return key === "token";
  if (section === "policies") return key === "secret";
  if (section === "environments") return isSecret(value, path.slice(2));
  if (section !== "providers") return false;
  if (third === "apiKey" || (third === "headers" && SECRET_NAME.test(key))) return true;
  return (third === "headers" || third === "settings" || third === "baseUrl") && SECRET_VALUE.test(value);
}

function isReference(item: unknown): item is { readonly $secret: unknown; readonly name?: unknown } {
  return typeof item === "object" && item !== null && "$secret" in item;
}

/** `sk-…`: enough to recognise what kind of key it is, and no more. */
function mask(value: string): string {
  return /…$/.test(value) ? value : `${/^(?:Bearer |[A-Za-z]{1,4}[-_])?/.exec(value)?.[0] ?? ""}…`;
}
