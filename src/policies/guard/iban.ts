/** How long an IBAN of each country is, by the register that SWIFT keeps for ISO 13616. */
const LENGTHS: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24 },
  ...{ DE: 22, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18, GR: 27, GT: 28 },
  ...{ HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20 },
  ...{ LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MR: 27, MT: 31, MU: 30, NL: 18, NO: 15, PK: 24, PL: 28, PS: 29, PT: 25 },
  ...{ QA: 29, RO: 24, RS: 22, SA: 24, SC: 31, SE: 24, SI: 19, SK: 24, SM: 27, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22 },
  ...{ VG: 24, XK: 20 },
};

/** The longest there is, with a blank after every four characters. */
export const IBAN_CHARS_MAX = 42;

/**
 * Where an IBAN ends that begins at a place, written in one go or in groups of four.
 * @returns -1 if none begins there: the country has none of that length, or its two check digits say otherwise.
 */
export function ibanEnd(text: string, start: number): number {
  const length = LENGTHS[text.slice(start, start + 2)];
  if (length === undefined) return -1;
  let compact = "";
  let at = start;
  for (; compact.length < length; at++) {
    const character = text[at];
    if (character === undefined) return -1;
    if (character === " " && compact.length % 4 === 0 && compact !== "" && text[at - 1] !== " ") continue;
    if (!/^[A-Z0-9]$/.test(character)) return -1;
    compact += character;
  }
  return remainder(compact.slice(4) + compact.slice(0, 4)) === 1 ? at : -1;
}

/** Letters count from 10 on; the whole, as one number, leaves 1 over 97. */
function remainder(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
