/** Names that are made from other names: each fits a disk, and stays apart from its neighbours. */
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {maxNameBytes} from '../../../protocol/remote-path.ts';

/**
 * `stem` with `ending` behind it. Where that is too long for a name, the stem is cut, with a short hash
 * of the whole of it, so that two long ones do not become one.
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

/** Bytes of an extension that is worth more than what stands before it. */
const mostExtensionBytes = 64;

/** `name` in two: its extension with the dot, and all before it. */
export function splitName(name: string): {stem: string; extension: string} {
  const dot = name.lastIndexOf('.');
  const extension = dot <= 0 ? '' : name.slice(dot);
  return Buffer.byteLength(extension) > mostExtensionBytes
    ? {stem: name, extension: ''}
    : {stem: name.slice(0, name.length - extension.length), extension};
}
