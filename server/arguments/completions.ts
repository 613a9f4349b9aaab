/** Completions at the cursor of a `jangada-server` command line, made from the table of options. */
import {
  type Answer,
  type Candidate,
  localFiles,
  localFolders,
  nothing,
  plainWords,
  wordsOf,
} from '../../protocol/completion/answer.ts';
import {shells} from '../../protocol/completion/scripts.ts';
import {flagCalled, wordOf} from './flags.ts';
import {optionNames, optionWords} from './option-words.ts';

type Words = ReadonlyArray<string | undefined>;

/** Options of `token`. */
const tokenOptions = ['--folder', '--expires', '--token-file'] as const;
const tokenVerbs = ['add', 'list', 'remove'] as const;

/** @param words after the program's name, or `serve` and the words of `jangada`; the last word is at the cursor. */
export function completions(words: Words): Answer {
  const own = words[0] === 'serve' && words.length > 1 ? words.slice(1) : words;
  const [first] = own;
  if (first === 'token' && own.length > 1) {
    return tokenWords(own.slice(1));
  }

  if (first === 'completion' && own.length === 2) {
    return plainWords(shells, own[1] ?? '');
  }

  const begun = own.at(-1) ?? '';
  const before = own.at(-2);
  if (own.slice(0, -1).includes('--')) {
    return localFolders;
  }

  const pending = before?.startsWith('-') ? flagCalled(before.replace(/^--/, '')) : undefined;
  if (pending !== undefined && optionWords[pending].value !== undefined) {
    return valuesOf(optionWords[pending].values, begun, '');
  }

  if (!begun.startsWith('-')) {
    const commands = own.length === 1 ? ['token', 'completion'] : [];
    return {...localFolders, words: plainWords(begun === '' ? [] : commands, begun).words};
  }

  const [flag = '', value] = begun.split(/=(.*)/s);
  if (value !== undefined) {
    const name = flagCalled(flag.replace(/^--/, ''));
    return name === undefined ? nothing : valuesOf(optionWords[name].values, value, `${flag}=`);
  }

  return wordsOf(options(own), begun);
}

function options(words: Words): Candidate[] {
  return optionNames
    .map(name => ({text: `--${wordOf(name)}`, about: optionWords[name].summary}))
    .filter(({text}) => !words.slice(0, -1).some(word => word?.split('=')[0] === text));
}

function valuesOf(
  values: 'file' | 'folder' | readonly string[] | undefined,
  begun: string,
  prefix: string,
): Answer {
  switch (values) {
    case undefined:
      return nothing;
    case 'file':
      return localFiles;
    case 'folder':
      return localFolders;
    default:
      return plainWords(
        values.map(value => prefix + value),
        prefix + begun,
      );
  }
}

/** @param words after `token`. */
function tokenWords(words: Words): Answer {
  const begun = words.at(-1) ?? '';
  if (words.at(-2) === '--token-file' || begun.startsWith('--token-file=')) {
    return localFiles;
  }

  if (begun.startsWith('-')) {
    return plainWords(words[0] === 'add' ? tokenOptions : ['--token-file'], begun);
  }

  return words.length === 1 ? plainWords(tokenVerbs, begun) : nothing;
}
