/**
 * Masks as they came, made ready for matching: checked, braces expanded within bounds, and
 * what the matcher would take for syntax that Jangada does not have made literal. A mask is
 * hostile input; what matching it costs is bounded elsewhere, by a deadline.
 */
import {JangadaError} from '../protocol/errors.ts';
import {maxMaskLength, maxMasks} from '../protocol/messages.ts';
import {shortName} from './store/store-errors.ts';

/** Alternatives that the braces of all masks of one request may stand for. */
const maxAlternatives = 1000;
const maxBraceNesting = 32;

export type PreparedMasks = {include: string[]; exclude: string[]};

/** @throws JangadaError `bad_mask`, before any work that a hostile mask could make long. */
export function prepareMasks(masks: readonly string[]): PreparedMasks {
  if (masks.length > maxMasks) {
    throw new JangadaError('bad_mask', `At most ${maxMasks} masks fit into one request`);
  }

  const prepared: PreparedMasks = {include: [], exclude: []};
  let count = 0;
  for (const mask of masks) {
    if (mask.length > maxMaskLength) {
      throw badMask(mask, `it is longer than ${maxMaskLength} characters`);
    }

    const excludes = mask.startsWith('!');
    const tree = parseBraces(mask, excludes ? 1 : 0);
    count += countAlternatives(tree);
    if (count > maxAlternatives) {
      throw badMask(mask, `its braces stand for over ${maxAlternatives} masks`);
    }

    const alternatives = expand(tree).filter(alternative => alternative !== '');
    refuseOutside(mask, alternatives);
    (excludes ? prepared.exclude : prepared.include).push(...alternatives.map(withoutSyntax));
  }

  // Without a mask that includes, excludes are from everything.
  return prepared.include.length === 0 ? {...prepared, include: ['**']} : prepared;
}

/** Text and braces in a row; a brace is its alternatives. */
type Sequence = (string | Sequence[])[];

function parseBraces(mask: string, from: number): Sequence {
  const root: Sequence = [];
  // Open braces, innermost last: where they began, and what stands before them.
  const open: {at: number; outer: Sequence; alternatives: Sequence[]}[] = [];
  let sequence = root;
  for (let at = from; at < mask.length; at++) {
    const character = mask[at] ?? '';
    const brace = open.at(-1);
    if (character === '\\') {
      at++;
      addText(sequence, character + (mask[at] ?? '\\'));
    } else if (character === '[') {
      const end = endOfClass(mask, at);
      addText(sequence, mask.slice(at, end));
      at = end - 1;
    } else if (character === '{') {
      if (open.length === maxBraceNesting) {
        throw badMask(mask, `its braces are nested deeper than ${maxBraceNesting}`);
      }

      const first: Sequence = [];
      open.push({at, outer: sequence, alternatives: [first]});
      sequence = first;
    } else if (character === ',' && brace !== undefined) {
      sequence = [];
      brace.alternatives.push(sequence);
    } else if (character === '}' && brace !== undefined) {
      open.pop();
      sequence = brace.outer;
      sequence.push(...closed(brace.alternatives));
    } else {
      addText(sequence, character === '}' ? '\\}' : character);
    }
  }

  if (open.length > 0) {
    throw badMask(mask, 'a { is never closed; write \\{ for the character itself');
  }

  return root;
}

function addText(sequence: Sequence, text: string): void {
  const last = sequence.at(-1);
  if (typeof last === 'string') {
    sequence[sequence.length - 1] = last + text;
  } else {
    sequence.push(text);
  }
}

/** Behind a `[…]`; or behind the bracket alone if it is never closed. */
function endOfClass(mask: string, at: number): number {
  const negated = mask[at + 1] === '!' || mask[at + 1] === '^';
  // A bracket that comes first belongs to the class.
  const close = mask.indexOf(']', at + (negated ? 3 : 2));
  return close === -1 ? at + 1 : close + 1;
}

/** A brace without a comma is no choice: it is kept as it was written. */
function closed(alternatives: Sequence[]): Sequence {
  const [only = []] = alternatives;
  return alternatives.length > 1 ? [alternatives] : ['\\{', ...only, '\\}'];
}

function countAlternatives(sequence: Sequence): number {
  return sequence.reduce<number>(
    (product, part) =>
      typeof part === 'string'
        ? product
        : product * part.reduce((sum, alternative) => sum + countAlternatives(alternative), 0),
    1,
  );
}

function expand(sequence: Sequence): string[] {
  return sequence.reduce<string[]>(
    (all, part) => {
      const choices = typeof part === 'string' ? [part] : part.flatMap(expand);
      return all.flatMap(before => choices.map(choice => before + choice));
    },
    [''],
  );
}

function refuseOutside(mask: string, alternatives: readonly string[]): void {
  for (const alternative of alternatives) {
    const names = alternative.replaceAll('\\', '').split('/');
    if (names[0] === '' || names.includes('..') || names.includes('.')) {
      throw badMask(mask, 'it must be relative, without . or .. parts');
    }

    if (alternative.includes('\0')) {
      throw badMask(mask, 'it has a NUL in it');
    }
  }
}

/** Characters that are syntax for the matcher alone. */
function withoutSyntax(mask: string): string {
  return mask.replace(/\\.|(\[[!^]?\]?[^\]]*\])(\+?)|[()|"]|^!/gs, (token, characters, plus) => {
    if (characters !== undefined) {
      return plus === '' ? token : `${characters}[+]`;
    }

    return token.startsWith('\\') ? token : token === '"' ? '["]' : `\\${token}`;
  });
}

function badMask(mask: string, why: string): JangadaError {
  return new JangadaError('bad_mask', `'${shortName(mask)}' is not a mask: ${why}`);
}
