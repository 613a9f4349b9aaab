/**
 * Answers the completion scripts of shells: `__complete SHELL …`.
 *
 *     __complete bash LINE POINT REPLACED     the line, the cursor in it, and the text that bash will replace
 *     __complete zsh|fish WORD...             words without their quotes; the last one is at the cursor
 *
 * The first line of the answer is `words`, `files` or `folders`: with the last two, the shell adds local files or folders.
 * Then one word follows on each line. No shell runs or expands these words: bash inserts them unchanged, so they come with
 * quotes for bash; the other shells add quotes themselves.
 */
import {displayName} from '../display-text.ts';
import {type Answer, type Candidate, nothing} from './answer.ts';
import {quoteForBash, readBashLine} from './bash-line.ts';
import {isShell, type Shell} from './scripts.ts';

export const completeWord = '__complete';

/** More candidates help nobody, and a part of them would look complete. */
const mostCandidates = 10_000;

/** Completes the last of the words after the program's name; an undefined word is one that only the shell knows. */
export type Answers = (words: ReadonlyArray<string | undefined>) => Answer | Promise<Answer>;

/**
 * The text for a shell that passed `asked`, the words after `__complete`; empty for a call that our scripts never make.
 * Never throws: the user gets errors when the line is run, not while it is typed.
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
  // In bash, a character is a code point.
  const before = [...line].slice(0, Number(point)).join('');
  const {words} = readBashLine(before);
  if (words.at(-1) === undefined || !before.endsWith(replaced)) {
    return text(nothing, () => '');
  }

  // bash replaces only the text after the last character of COMP_WORDBREAKS, or after a quote.
  const kept = readBashLine(before.slice(0, before.length - replaced.length));
  const left = kept.words.at(-1) ?? '';
  return text(await answers(words.slice(1)), word =>
    quoteForBash(word.text.slice(left.length), kept.quote),
  );
}

function text(answer: Answer, write: (word: Candidate) => string): string {
  // Leave out words that a terminal would not show as they are.
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
