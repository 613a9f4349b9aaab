/**
 * What the scripts of shells ask a program for: `__complete SHELL …`.
 *
 *     __complete bash LINE POINT REPLACED     the line, the cursor in it, and what is put in another's place
 *     __complete zsh|fish WORD...             words without their quotes, the last is the one at the cursor
 *
 * The first line of the answer is `words`, `files` or `folders` (those of this machine may stand there, too); then one word follows on each line. No shell ever
 * runs or expands them: bash puts them on the line as they are, so they come with its quotes; the others quote
 * what they put there.
 */
import {displayName} from '../display-text.ts';
import {type Answer, type Candidate, nothing} from './answer.ts';
import {quoteForBash, readBashLine} from './bash-line.ts';
import {isShell, type Shell} from './scripts.ts';

export const completeWord = '__complete';

/** So many candidates help nobody, and a part of them would be taken for all. */
const mostCandidates = 10_000;

/** Gives what may stand at the last of the words behind the name of the program; undefined is a word that only the shell knows. */
export type Answers = (words: ReadonlyArray<string | undefined>) => Answer | Promise<Answer>;

/**
 * The text for the shell that has asked with `asked`, the words behind `__complete`; empty for a question that
 * no script of ours asks. Never throws: an error in a line that is being typed is told when it is run.
 */
export async function complete(asked: readonly string[], answers: Answers): Promise<string> {
  const [shell = '', ...rest] = asked;
  if (!isShell(shell)) {
    return '';
  }

  try {
    return shell === 'bash'
      ? await completeInBash(rest, answers)
      : text(await answers(rest), word => lineOf(shell, word));
  } catch {
    return text(nothing, () => '');
  }
}

async function completeInBash(
  [line = '', point = '', replaced = '']: readonly string[],
  answers: Answers,
): Promise<string> {
  // In bash a character is a code point.
  const before = [...line].slice(0, Number(point)).join('');
  const {words} = readBashLine(before);
  if (words.at(-1) === undefined || !before.endsWith(replaced)) {
    return text(nothing, () => '');
  }

  // Only what stands behind the last sign of COMP_WORDBREAKS, or behind a quote, is put in another's place.
  const kept = readBashLine(before.slice(0, before.length - replaced.length));
  const left = kept.words.at(-1) ?? '';
  return text(await answers(words.slice(1)), word =>
    quoteForBash(word.text.slice(left.length), kept.quote),
  );
}

function text(answer: Answer, write: (word: Candidate) => string): string {
  // What a terminal would not show as it is has no place on a command line.
  const words = answer.words.filter(
    word => word.text !== '' && displayName(word.text) === word.text,
  );
  const lines = words.length > mostCandidates ? [] : words.map(word => `${write(word)}\n`);
  return `${answer.kind}\n${lines.join('')}`;
}

function lineOf(shell: Exclude<Shell, 'bash'>, {text, about}: Candidate): string {
  const note = about === undefined ? '' : displayName(about);
  return shell === 'fish'
    ? `${text}${note === '' ? '' : `\t${note}`}`
    : `${text.replace(/[\\:]/g, '\\$&')}${note === '' ? '' : `:${note}`}`;
}
