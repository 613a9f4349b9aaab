/**
 * Numbers that are ordered as names are. Two of them are compared in a tenth of the time that two
 * names take, and most pairs need no more.
 */
import {compareNames, endOfNumber, isCombining, isDigit, weightOf} from './natural-order.ts';

/** Bits of a key: a number holds so many without a loss. */
const keyBits = 52;

const characterBits = 8;
/** Characters from this weight on are alike to a key. */
const heavy = 255;

const lengthBits = 6;
/** Numbers of so many digits or more are alike to a key. */
const long = 63;
const digitBits = 4;
const digitZero = 0x30;

/**
 * The key of `name`. Of two names with the same `prefix` the lesser key is of the lesser name in the
 * order of `compareNames`; equal keys, and NaN, say nothing.
 *
 * @param prefix as `sharedPrefix` gives it: the key is of what follows it.
 */
export function nameKey(name: string, prefix: string): number {
  return name.startsWith(prefix) ? keyFrom(name, prefix.length) : keyBeside(name, prefix);
}

/** Where a name without the prefix lies: before all names that have it, behind them, or unknown. */
function keyBeside(name: string, prefix: string): number {
  let same = 0;
  while (same < name.length && name.charCodeAt(same) === prefix.charCodeAt(same)) {
    same++;
  }

  const [code, codeOfPrefix] = [name.charCodeAt(same), prefix.charCodeAt(same)];
  const isPlain = (at: number) => !isDigit(at) && !isCombining(at);
  // Numbers are compared whole: one that ends here would be compared from its front.
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
  const put = (value: number, bits: number): void => {
    const fits = Math.min(bits, room);
    key = key * 2 ** fits + (value >>> (bits - fits));
    room -= fits;
  };
  for (let at = start; at < name.length && room > 0; at++) {
    const code = name.charCodeAt(at);
    if (isDigit(code)) {
      const end = endOfNumber(name, at);
      while (at < end && name.charCodeAt(at) === digitZero) {
        at++;
      }

      put(digitZero, characterBits);
      put(Math.min(end - at, long), lengthBits);
      if (end - at >= long) {
        break;
      }

      for (; at < end && room > 0; at++) {
        put(name.charCodeAt(at) - digitZero, digitBits);
      }

      at = end - 1;
    } else if (!isCombining(code)) {
      const weight = Math.min(weightOf(code), heavy);
      put(weight, characterBits);
      if (weight === heavy) {
        break;
      }
    }
  }

  return key * 2 ** room;
}

/** Names that are looked at for a prefix. */
const sampleSize = 64;

/** The longest beginning, without digits at its end, that half of some of the names share. */
export function sharedPrefix(names: readonly string[]): string {
  const step = Math.max(1, names.length / sampleSize);
  const sample = Array.from(
    {length: Math.min(sampleSize, names.length)},
    (_, index) => names[Math.floor(index * step)] ?? '',
  ).sort(compareNames);
  const half = sample.length >>> 1;
  let longest = '';
  for (let index = 0; index + half < sample.length; index++) {
    const shared = sharedBeginning(sample[index] ?? '', sample[index + half] ?? '');
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
