/**
 * Codes that people type: 12 characters of Crockford's base 32, that is 60 bits (design §4 asks for at least 50).
 * I, L, O and U do not occur; where a person reads I, L or O anyway, 1 and 0 are meant.
 */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const CODE_LENGTH = 12;

/** @param random 12 random bytes; of each, five bits are used, so that every character is equally likely */
export function codeFrom(random: Uint8Array): string {
  if (random.length !== CODE_LENGTH) throw new RangeError(`a code needs ${CODE_LENGTH} bytes`);
  return Array.from(random, (byte) => alphabet.charAt(byte & 31)).join("");
}

/** `XXXX-XXXX-XXXX`, as mails and screens show it. */
export function shownCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, "$1-");
}

/** @returns the code behind what was typed, or `undefined` when it cannot be one */
export function readCode(typed: string): string | undefined {
  if (typed.length > 100) return undefined;
  const code = typed
    .toUpperCase()
    .replace(/[\s\p{Pd}._]/gu, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return code.length === CODE_LENGTH && Array.from(code).every((character) => alphabet.includes(character))
    ? code
    : undefined;
}
