/**
 * Masks as they came, made ready for matching: checked, braces expanded within bounds, and
 * whatever the glob library would take for syntax that Jangada does not have made literal. A mask
 * is hostile input; the time that matching takes is bounded elsewhere, by a deadline.
 */
import {shortName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {maxMaskLength, maxMasks} from '../messages.ts';
import {hideLineEnds} from './mask-line-ends.ts';

/** Alternatives that the braces of all masks of one request may stand for. */
const maxAlternatives = 1000;
const maxBraceNesting = 32;

/** Globs without braces, line ends replaced by their stand-ins. */
export type PreparedMasks = {include: string[]; exclude: string[]};

/**
 * The globs that `masks` stand for. Excludes alone are from everything.
 *
 * @throws JangadaError `bad_mask`, before any work that a hostile mask could make long.
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
      throw badMask(mask, `its braces stand for over ${maxAlternatives} masks`);
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

/** Text and braces in a row; a brace is its alternatives. */
type Sequence = (string | Sequence[])[];

/** @param mask the whole mask that `glob` is from, for messages. */
function parseBraces(glob: string, mask: string): Sequence {
  const root: Sequence = [];
  // Open braces, innermost last, each with the text before it.
  const open: {outer: Sequence; alternatives: Sequence[]}[] = [];
  let sequence = root;
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? '';
    const brace = open.at(-1);
    if (character === '\\') {
      at++;
      addText(sequence, escaped(glob[at] ?? '\\'));
    } else if (character === '[') {
      const end = endOfClass(glob, at);
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

/**
 * `character` taken literally. A letter or a digit behind a `\` would be a regular expression's
 * escape.
 */
function escaped(character: string): string {
  return /[\w/]/.test(character) ? character : `\\${character}`;
}

/**
 * The position behind the class `[…]` that begins at `at`. A bracket that is never closed, or only
 * in another part of the path, begins none.
 */
function endOfClass(glob: string, at: number): number | undefined {
  // A closing bracket that comes first belongs to the class.
  const found = /^\[[!^]?\]?(?:\\[^/]|[^\]\\/])*\]/.exec(glob.slice(at));
  return found === null ? undefined : at + found[0].length;
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

/** `mask` with one slash for several, and literal wherever only the library sees syntax. */
function withoutSyntax(mask: string): string {
  const token = /\\.|\[([!^]?)(\]?(?:\\.|[^\]\\])*)\](\+?)|[()|"]|(?<=^|\/)!/gs;
  return (
    mask
      .replace(/\/{2,}/g, '/')
      // The library reads this one so on its fast path alone.
      .replace(/^\*\*(\.\w+)$/, '**/*$1')
      .replace(token, (found, negation, characters: string | undefined, plus) => {
        if (characters === undefined) {
          return found.startsWith('\\') ? found : found === '"' ? '["]' : `\\${found}`;
        }

        return `[${negation}${classCharacters(characters)}]${plus === '' ? '' : '[+]'}`;
      })
  );
}

/** The inside of a class, letters and digits without `\`, and no range with a slash in it. */
function classCharacters(characters: string): string {
  return characters.replace(/\\(\w)/g, '$1').replace(/(\\?[!-.])-(\\?[0-\uffff])/g, '$1-.0-$2');
}

/**
 * An exclude that ends in a name, not in a pattern, excludes the content of a folder of that
 * name.
 */
function withContent(glob: string): string {
  const last = glob.slice(glob.lastIndexOf('/') + 1).replace(/\\./gs, 'x');
  return last === '' || /[*?[]/.test(last) ? glob : `${glob}/**`;
}

function badMask(mask: string, why: string): JangadaError {
  return new JangadaError('bad_mask', `'${shortName(mask)}' is not a valid mask: ${why}`);
}
