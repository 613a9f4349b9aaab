/**
 * Prepares received masks for matching: checks them, expands braces within limits, and makes everything literal that is
 * syntax for the glob library but not for Jangada. Masks are hostile input; a deadline elsewhere limits the time of
 * matching.
 */
import {shortName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {maxMaskLength, maxMasks} from '../messages.ts';
import {hideLineEnds} from './mask-line-ends.ts';

/** The most alternatives from the braces of all masks of one request. */
const maxAlternatives = 1000;
const maxBraceNesting = 32;

/** Globs without braces, with stand-ins for line ends. */
export type PreparedMasks = {include: string[]; exclude: string[]};

/**
 * The globs for `masks`. Masks that only exclude apply to all files.
 *
 * @throws JangadaError `bad_mask`, before any work that a hostile mask could make expensive.
 */
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
    const tree = parseBraces(hideLineEnds(excludes ? mask.slice(1) : mask), mask);
    count += countAlternatives(tree);
    if (count > maxAlternatives) {
      throw badMask(mask, `its braces stand for more than ${maxAlternatives} masks`);
    }

    const alternatives = expand(tree).filter(alternative => alternative !== '');
    refuseOutside(mask, alternatives);
    const globs = alternatives.map(withoutSyntax);
    if (excludes) {
      prepared.exclude.push(...globs.map(withContent));
    } else {
      prepared.include.push(...globs);
    }
  }

  return prepared.include.length === 0 ? {...prepared, include: ['**']} : prepared;
}

/** A sequence of texts and braces; a brace is a list of alternatives. */
type Sequence = (string | Sequence[])[];

/** @param mask the whole mask that contains `glob`, for messages. */
function parseBraces(glob: string, mask: string): Sequence {
  const root: Sequence = [];
  // Open braces, the innermost last, each with the text before it.
  const open: {outer: Sequence; alternatives: Sequence[]}[] = [];
  let sequence = root;
  // No class closes before this position. Without it, each `[` would search the rest of its part once more.
  let noClassBefore = 0;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? '';
    const brace = open.at(-1);
    if (character === '\\') {
      at++;
      addText(sequence, escaped(glob[at] ?? '\\'));
    } else if (character === '[') {
      const end = at < noClassBefore ? undefined : endOfClass(glob, at);
      if (end === undefined && at >= noClassBefore) {
        noClassBefore = endOfPart(glob, at);
      }

      addText(sequence, end === undefined ? '\\[' : glob.slice(at, end));
      at = end === undefined ? at : end - 1;
    } else if (character === '{') {
      if (open.length === maxBraceNesting) {
        throw badMask(mask, `its braces are nested deeper than ${maxBraceNesting}`);
      }

      const first: Sequence = [];
      open.push({outer: sequence, alternatives: [first]});
      sequence = first;
    } else if (character === ',' && brace !== undefined) {
      sequence = [];
      brace.alternatives.push(sequence);
    } else if (character === '}' && brace !== undefined) {
      open.pop();
      sequence = brace.outer;
      addBrace(sequence, brace.alternatives);
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

/**
 * Make `character` literal. A `\` before a letter or a digit would be an escape of regular expressions.
 */
function escaped(character: string): string {
  return /[\w/]/.test(character) ? character : `\\${character}`;
}

/**
 * The position after the class `[…]` that begins at `at`; undefined if the bracket is not closed in the same part of the
 * path. Then no later bracket of this part is closed either.
 */
function endOfClass(glob: string, at: number): number | undefined {
  // A closing bracket at the front belongs to the class.
  const found = /^\[[!^]?\]?(?:\\[^/]|[^\]\\/])*\]/.exec(glob.slice(at));
  return found === null ? undefined : at + found[0].length;
}

/** The position of the next slash from `at` on, or the end of `glob`. */
function endOfPart(glob: string, at: number): number {
  const slash = glob.indexOf('/', at);
  return slash === -1 ? glob.length : slash;
}

/** Add a brace. Without a comma it is literal text, which joins the text before it: `expand` copies each part. */
function addBrace(sequence: Sequence, alternatives: Sequence[]): void {
  if (alternatives.length > 1) {
    sequence.push(alternatives);
    return;
  }

  const [only = []] = alternatives;
  for (const part of ['\\{', ...only, '\\}']) {
    if (typeof part === 'string') {
      addText(sequence, part);
    } else {
      sequence.push(part);
    }
  }
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
      throw badMask(mask, 'it contains NUL');
    }
  }
}

/** Collapse slashes in `mask`, and make everything literal that is syntax only for the library. */
function withoutSyntax(mask: string): string {
  const token = /\\.|\[([!^]?)(\]?(?:\\.|[^\]\\])*)\](\+?)|[()|"]|(?<=^|\/)!/gs;
  return (
    mask
      .replace(/\/{2,}/g, '/')
      // The library reads this form this way only on its fast path.
      .replace(/^\*\*(\.\w+)$/, '**/*$1')
      .replace(token, (found, negation, characters: string | undefined, plus) => {
        if (characters === undefined) {
          return found.startsWith('\\') ? found : found === '"' ? '["]' : `\\${found}`;
        }

        return `[${negation}${classCharacters(characters)}]${plus === '' ? '' : '[+]'}`;
      })
  );
}

/** The characters of a class: removes `\` before letters and digits, and ranges that contain a slash. */
function classCharacters(characters: string): string {
  return characters.replace(/\\(\w)/g, '$1').replace(/(\\?[!-.])-(\\?[0-\uffff])/g, '$1-.0-$2');
}

/**
 * An exclude that ends in a name instead of a pattern also excludes the content of a folder with that name.
 */
function withContent(glob: string): string {
  const last = glob.slice(glob.lastIndexOf('/') + 1).replace(/\\./gs, 'x');
  return last === '' || /[*?[]/.test(last) ? glob : `${glob}/**`;
}

function badMask(mask: string, why: string): JangadaError {
  return new JangadaError('bad_mask', `'${shortName(mask)}' is not a valid mask: ${why}`);
}
