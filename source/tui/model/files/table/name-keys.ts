/**
 * Numbers in the order of their names. Comparing two numbers takes a tenth of the time of comparing two names, and most
 * pairs need no more.
 */
import {compareNames, endOfNumber, isCombining, isDigit, weightOf} from './natural-order.ts';

/** Bits of a key: a number holds so many exactly. */
const keyBits = 52;

const characterBits = 8;
const characterValues = 2 ** characterBits;
/** Characters from this weight on have the same value in a key. */
const heavy = 255;

const lengthBits = 6;
const lengthValues = 2 ** lengthBits;
/** Numbers with so many digits or more have the same value in a key. */
const long = 63;
const digitBits = 4;
const digitValues = 2 ** digitBits;
const digitZero = 0x30;

/**
 * The key of `name`. Of two names with the same `prefix`, the one with the smaller key comes first in the order of
 * `compareNames`; equal keys, and NaN, decide nothing.
 *
 * @param prefix from `sharedPrefix`; the key is made from the text after it.
 */
export function nameKey(name: string, prefix: string): number {
  return name.startsWith(prefix) ? keyFrom(name, prefix.length) : keyBeside(name, prefix);
}

/** The key of a name without the prefix: before all names that have it, after them, or unknown. */
function keyBeside(name: string, prefix: string): number {
  let same = 0;
  while (same < name.length && name.charCodeAt(same) === prefix.charCodeAt(same)) {
    same++;
  }

  const [code, codeOfPrefix] = [name.charCodeAt(same), prefix.charCodeAt(same)];
  const isPlain = (at: number) => !isDigit(at) && !isCombining(at);
  // Numbers are compared whole: a number that ends in the prefix would have to be compared from its front.
  const inNumber = same > 0 && isDigit(name.charCodeAt(same - 1));
  if (same === name.length || inNumber || !isPlain(code) || !isPlain(codeOfPrefix)) {
    return Number.NaN;
  }

  const order = weightOf(code) - weightOf(codeOfPrefix);
  return order === 0 ? Number.NaN : order * Number.POSITIVE_INFINITY;
}

function keyFrom(name: string, start: number): number {
  let key = 0;
  let room = keyBits;
  for (let at = start; at < name.length && room >= characterBits; at++) {
    const code = name.charCodeAt(at);
    if (isDigit(code)) {
      const end = endOfNumber(name, at);
      while (at < end && name.charCodeAt(at) === digitZero) {
        at++;
      }

      // A number with more digits is larger.
      const length = Math.min(end - at, long);
      key = key * characterValues + digitZero;
      room -= characterBits;
      if (room < lengthBits) {
        break;
      }

      key = key * lengthValues + length;
      room -= lengthBits;
      if (length === long) {
        break;
      }

      for (; at < end && room >= digitBits; at++) {
        key = key * digitValues + name.charCodeAt(at) - digitZero;
        room -= digitBits;
      }

      if (at < end) {
        break;
      }

      at--;
    } else if (!isCombining(code)) {
      const weight = Math.min(weightOf(code), heavy);
      key = key * characterValues + weight;
      room -= characterBits;
      if (weight === heavy) {
        break;
      }
    }
  }

  return key * 2 ** room;
}

/** The longest prefix, without digits at its end, that half of the names share. */
export function sharedPrefix(names: readonly string[]): string {
  const sorted = names.toSorted(compareNames);
  const half = sorted.length >>> 1;
  let longest = '';
  for (let index = 0; index + half < sorted.length; index++) {
    const shared = sharedBeginning(sorted[index] ?? '', sorted[index + half] ?? '');
    longest = shared.length > longest.length ? shared : longest;
  }

  return longest;
}

function sharedBeginning(a: string, b: string): string {
  let same = 0;
  while (same < a.length && a.charCodeAt(same) === b.charCodeAt(same)) {
    same++;
  }

  while (same > 0 && isDigit(a.charCodeAt(same - 1))) {
    same--;
  }

  return a.slice(0, same);
}
