import { type Finder, type Finding, inOrder } from "./finding.ts";
import { IBAN_CHARS_MAX, ibanEnd } from "./iban.ts";

/** What is found of people and their money, and secrets that open doors. */
export type PiiKind = (typeof PII_KINDS)[number];

/** All of them. Those with a checksum are only found where it is right. */
export const PII_KINDS = ["email", "card", "iban", "us-ssn", "phone", "ipv4", "secret"] as const;

/** What is looked for where nobody says what: addresses of machines are in every log file. */
export const PII_USUAL: readonly PiiKind[] = PII_KINDS.filter((kind) => kind !== "ipv4");

/** No finding is longer, so that a stream is never held back for more. */
const FINDING_CHARS_MAX = 320;
/** Of a number that is written in groups. */
const GROUPED_CHARS_MAX = 64;

/** Finds personal data. Every finder walks over the text once, and looks back or ahead by a bounded number of characters. */
export class PiiFinder implements Finder {
  private readonly kinds: ReadonlySet<PiiKind>;

  constructor(kinds: readonly PiiKind[] = PII_USUAL) {
    this.kinds = new Set(kinds);
  }

  find(text: string): readonly Finding[] {
    const findings: Finding[] = [];
    for (const kind of this.kinds) FINDERS[kind](text, (start, end) => findings.push({ start, end, label: kind }));
    return inOrder(findings);
  }

  openFrom(text: string): number {
    // A word that is not over may still become an address or a secret.
    let at = text.length;
    const wordMin = Math.max(0, text.length - FINDING_CHARS_MAX);
    while (at > wordMin && !isSpace(text.charCodeAt(at - 1))) at--;
    // A number may go on in further groups, and the groups before belong to it.
    const groupMin = Math.max(0, text.length - GROUPED_CHARS_MAX);
    let group = at;
    while (group > groupMin) {
      let before = group;
      while (before > groupMin && isSpace(text.charCodeAt(before - 1)) && group - before < 1) before--;
      let start = before;
      while (start > groupMin && before - start < IBAN_CHARS_MAX && isOfGroup(text.charCodeAt(start - 1))) start--;
      if (start === before || !isGroup(text, start, before)) break;
      group = start;
      // What stands there belongs to no number, so the number begins here.
      if (!isSpace(text.charCodeAt(start - 1))) break;
    }
    // What stands right before the number, without a blank, is told together with it.
    let from = Math.min(at, group);
    while (from > wordMin && !isSpace(text.charCodeAt(from - 1))) from--;
    return from;
  }
}

type Tell = (start: number, end: number) => void;

const FINDERS: Readonly<Record<PiiKind, (text: string, tell: Tell) => void>> = {
  email: findEmails,
  card: findCards,
  iban: findIbans,
  "us-ssn": findSocialSecurityNumbers,
  phone: findPhones,
  ipv4: findAddresses,
  secret: findSecrets,
};

function findEmails(text: string, tell: Tell): void {
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > 0 && at - start < 64 && isLocal(text.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (end < text.length && end - at < 254 && isDomain(text.charCodeAt(end))) end++;
    while (end > at && !isAlphanumeric(text.charCodeAt(end - 1))) end--;
    const dot = at + text.slice(at, end).lastIndexOf(".");
    if (start < at && dot > at + 1 && end - dot > 2 && isLetter(text.charCodeAt(end - 1))) tell(start, end);
  }
}

/** Numbers of 13 to 19 digits, in one go or in groups, whose check digit is right and that begin as those of some network do. */
function findCards(text: string, tell: Tell): void {
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text.charCodeAt(at)) || isAlphanumeric(text.charCodeAt(at - 1))) continue;
    const end = cardEnd(text, at);
    if (end !== -1) {
      tell(at, end);
      at = end;
    } else while (at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) at++;
  }
}

function cardEnd(text: string, start: number): number {
  const digits: number[] = [];
  let found = -1;
  for (let at = start; at < text.length && digits.length < 20; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      digits.push(code - 48);
      const isOver = !isAlphanumeric(text.charCodeAt(at + 1));
      if (isOver && digits.length >= 13 && digits.length <= 19 && isCard(digits)) found = at + 1;
    } else if ((code !== 32 && code !== 45) || !isDigit(text.charCodeAt(at + 1))) break;
  }
  return found;
}

function isCard(digits: readonly number[]): boolean {
  if (!isOfNetwork(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits[digits.length - 1 - at] ?? 0;
    const doubled = digit * 2;
    sum += at % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** How long the numbers of each network are, by how they begin: from, to, lengths. */
const NETWORKS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4000, 4999, [13, 16, 19]],
  [5100, 5599, [16]],
  [2221, 2720, [16]],
  [3400, 3499, [15]],
  [3700, 3799, [15]],
  [3000, 3059, [14]],
  [3600, 3699, [14]],
  [3800, 3999, [14]],
  [3528, 3589, [16, 17, 18, 19]],
  [6000, 6999, [16, 17, 18, 19]],
];

function isOfNetwork(digits: readonly number[]): boolean {
  const head = Number(digits.slice(0, 4).join(""));
  return NETWORKS.some(([from, to, lengths]) => head >= from && head <= to && lengths.includes(digits.length));
}

function findIbans(text: string, tell: Tell): void {
  for (let at = 0; at + 4 < text.length; at++) {
    if (!isUpper(text.charCodeAt(at)) || !isUpper(text.charCodeAt(at + 1)) || !isDigit(text.charCodeAt(at + 2))) continue;
    if (isAlphanumeric(text.charCodeAt(at - 1))) continue;
    const end = ibanEnd(text, at);
    if (end === -1 || isAlphanumeric(text.charCodeAt(end))) continue;
    tell(at, end);
    at = end;
  }
}

/** Those that were ever given out: no area 000, 666 or from 900 on, no group 00, no number 0000. */
function findSocialSecurityNumbers(text: string, tell: Tell): void {
  for (let dash = text.indexOf("-"); dash !== -1; dash = text.indexOf("-", dash + 1)) {
    const start = dash - 3;
    if (start < 0 || text[dash + 3] !== "-" || isAlphanumeric(text.charCodeAt(start - 1)) || text[start - 1] === "-") continue;
    const [area, group, number] = [text.slice(start, dash), text.slice(dash + 1, dash + 3), text.slice(dash + 4, dash + 8)];
    if (![area, group, number].every(areDigits) || number.length < 4) continue;
    if (area === "000" || area === "666" || area >= "900" || group === "00" || number === "0000") continue;
    const next = text.charCodeAt(dash + 8);
    if (!isAlphanumeric(next) && next !== 45) tell(start, dash + 8);
  }
}

/** `+` and 8 to 15 digits, or three groups of digits as they are written in North America. */
function findPhones(text: string, tell: Tell): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isPlus = code === 43;
    if ((!isPlus && code !== 40 && !isDigit(code)) || isAlphanumeric(text.charCodeAt(at - 1))) continue;
    const end = isPlus ? internationalEnd(text, at) : americanEnd(text, at);
    if (end !== -1) {
      tell(at, end);
      at = end;
    } else while (isDigit(code) && at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) at++;
  }
}

function internationalEnd(text: string, start: number): number {
  let [count, end] = [0, -1];
  for (let at = start + 1; at < text.length && at - start < 32; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      if (++count > 15) return -1;
      end = at + 1;
    } else if (![32, 40, 41, 45, 46, 47].includes(code)) break;
  }
  return count >= 8 && !isAlphanumeric(text.charCodeAt(end)) ? end : -1;
}

function americanEnd(text: string, start: number): number {
  const found = /^(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}/.exec(text.slice(start, start + 16));
  if (found === null) return -1;
  const end = start + found[0].length;
  return isAlphanumeric(text.charCodeAt(end)) ? -1 : end;
}

function findAddresses(text: string, tell: Tell): void {
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text.charCodeAt(at)) || isAlphanumeric(text.charCodeAt(at - 1)) || text[at - 1] === ".") continue;
    const found = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)/.exec(text.slice(at, at + 16));
    const end = at + (found?.[0].length ?? 0);
    const isOver = !isAlphanumeric(text.charCodeAt(end)) && !(text[end] === "." && isDigit(text.charCodeAt(end + 1)));
    if (found !== null && isOver) tell(at, end);
    while (at + 1 < text.length && (isDigit(text.charCodeAt(at + 1)) || text[at + 1] === ".")) at++;
  }
}

/** How secrets of widely used services begin, and how many characters follow at least. */
const SECRETS: readonly (readonly [prefix: string, charsMin: number])[] = [
  ["sk-", 20],
  ["sk_live_", 16],
  ["rk_live_", 16],
  ["AKIA", 16],
  ["ASIA", 16],
  ["ghp_", 30],
  ["gho_", 30],
  ["ghs_", 30],
  ["github_pat_", 40],
  ["glpat-", 20],
  ["xoxb-", 20],
  ["xoxp-", 20],
  ["AIza", 30],
  ["hf_", 30],
  ["omni_live_", 40],
  ["omni_test_", 40],
  ["omni_session_", 40],
];

function findSecrets(text: string, tell: Tell): void {
  for (const [prefix, charsMin] of SECRETS) {
    for (let at = text.indexOf(prefix); at !== -1; at = text.indexOf(prefix, at + 1)) {
      if (isAlphanumeric(text.charCodeAt(at - 1))) continue;
      let end = at + prefix.length;
      while (end < text.length && end - at < FINDING_CHARS_MAX && isOfSecret(text.charCodeAt(end))) end++;
      if (end - at - prefix.length >= charsMin) tell(at, end);
    }
  }
}

function isGroup(text: string, start: number, end: number): boolean {
  let hasDigit = false;
  for (let at = start; at < end; at++) {
    if (isDigit(text.charCodeAt(at))) hasDigit = true;
  }
  // Blocks of an IBAN may be letters alone, `(0)` and `+49` are groups of a number.
  return hasDigit || end - start <= 4;
}

function isOfGroup(code: number): boolean {
  return isDigit(code) || isUpper(code) || (code >= 40 && code <= 47 && code !== 42 && code !== 44);
}

function areDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

/** What no finding has in it but between groups; so are the letters of Chinese, Japanese and Korean, which are written without blanks. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 160 || code >= 0x2e80;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLetter(code: number): boolean {
  return isUpper(code) || (code >= 97 && code <= 122);
}

function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code);
}

/** Of what stands before the `@`: letters, digits and `.!#$%&'*+-/=?^_{|}~`, as far as they occur in life. */
function isLocal(code: number): boolean {
  return isAlphanumeric(code) || code === 46 || code === 95 || code === 37 || code === 43 || code === 45 || code === 39;
}

function isDomain(code: number): boolean {
  return isAlphanumeric(code) || code === 45 || code === 46;
}

function isOfSecret(code: number): boolean {
  return isAlphanumeric(code) || code === 45 || code === 95;
}
