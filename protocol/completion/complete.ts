/**
 * Answers the completion scripts of shells: `__complete SHELL …`.
 *
 *     __complete bash LINE POINT REPLACED     the line, the cursor in it, and the text that bash will replace
 *     __complete zsh|fish WORD...             words without their quotes; the last one is at the cursor
 *     __complete powershell WORDS             the same words in one argument, as `powershell.ts` describes
 *
 * The answer for PowerShell is one line of JSON. For the other shells, the first line of the answer is `words`, `files` or
 * `folders`: with the last two, the shell adds local files or folders. Then one word follows on each line. No shell runs
 * or expands these words. bash and PowerShell insert them unchanged, so they come with quotes for these shells; zsh and
 * fish add quotes themselves.
 */
import {displayName} from '../display-text.ts';
import {type Answer, type Candidate, nothing} from './answer.ts';
import {quoteForBash, readBashLine} from './bash-line.ts';
import {powerShellAnswer, readPowerShellWords} from './powershell.ts';
import {isShell} from './scripts.ts';

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
    switch (shell) {
      case 'bash':
        return await completeInBash(rest, answers);
      case 'powershell':
        return powerShellAnswer(shown(await answers(readPowerShellWords(rest[0] ?? ''))));
      default:
        return text(await answers(rest), word => lineOf(shell, word));
    }
  } catch {
    return shell === 'powershell' ? powerShellAnswer(nothing) : text(nothing, () => '');
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
  const {kind, words} = shown(answer);
  return `${kind}\n${words.map(word => `${write(word)}\n`).join('')}`;
}

/** `answer` without the words that a terminal would not show as they are, and without any word if there are too many. */
function shown({kind, words}: Answer): Answer {
  const plain = words.filter(word => word.text !== '' && displayName(word.text) === word.text);
  return {kind, words: plain.length > mostCandidates ? [] : plain};
}

function lineOf(shell: 'zsh' | 'fish', {text, about}: Candidate): string {
  const note = about === undefined ? '' : displayName(about);
  return shell === 'fish'
    ? `${text}${note === '' ? '' : `\t${note}`}`
    : `${text.replace(/[\\:]/g, '\\$&')}${note === '' ? '' : `:${note}`}`;
}
