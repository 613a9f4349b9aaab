/** Makes names from other names, short enough for any disk and different from each other. */
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {maxNameBytes} from '../../../protocol/remote-path.ts';

/**
 * `stem` followed by `ending`. If that is too long for a name, the stem is cut and a short hash of the whole stem is
 * added, so that two long stems give two names.
 */
export function fittingName(stem: string, ending: string): string {
  const whole = stem + ending;
  if (Buffer.byteLength(whole) <= maxNameBytes) {
    return whole;
  }

  const mark = `~${createHash('sha256').update(stem).digest('hex').slice(0, 16)}${ending}`;
  let kept = '';
  let room = maxNameBytes - Buffer.byteLength(mark);
  for (const character of stem) {
    room -= Buffer.byteLength(character);
    if (room < 0) {
      break;
    }

    kept += character;
  }

  return kept + mark;
}

/** A longer ending does not count as an extension. */
const mostExtensionBytes = 64;

/** Splits `name` into its extension (with the dot) and everything before it. */
export function splitName(name: string): {stem: string; extension: string} {
  const dot = name.lastIndexOf('.');
  const extension = dot <= 0 ? '' : name.slice(dot);
  return Buffer.byteLength(extension) > mostExtensionBytes
    ? {stem: name, extension: ''}
    : {stem: name.slice(0, name.length - extension.length), extension};
}
