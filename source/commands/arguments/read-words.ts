/** Tells options from arguments, with meow. Whether they are right is for `parse.ts`. */
import meow from 'meow';
import {JangadaError} from '../../../protocol/errors.ts';
import {withDashValues} from '../../../protocol/program/lone-dash.ts';
import {flagOf, type OptionName, optionNames, optionOf} from './option-catalogue.ts';
import {joinServers} from './server-addresses.ts';

/**
 * The arguments and the options among `words`, with their values as written.
 *
 * @throws JangadaError `usage` if an option is written twice.
 */
export function readWords(words: readonly string[]): {
  inputs: readonly string[];
  raw: Readonly<Record<string, unknown>>;
} {
  try {
    const {input, flags} = meow({
      importMeta: import.meta,
      argv: withDashValues(words, takesValue),
      pkg: {name: 'jangada'},
      autoHelp: false,
      autoVersion: false,
      // Without this, meow sets options that were not written.
      booleanDefault: undefined,
      flags: Object.fromEntries(
        namedIn(words).map(name => {
          const {short, value} = optionOf(name);
          const type: 'boolean' | 'string' = value === undefined ? 'boolean' : 'string';
          const isMultiple = name === 'server';
          return [name, {type, isMultiple, ...(short === undefined ? {} : {shortFlag: short})}];
        }),
      ),
    });
    return {inputs: input, raw: withNegations(inOneText(flags, words))};
  } catch (error) {
    // meow's own check: "The flag --onConflict can only be set once."
    const name = /--(\w+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw name === undefined
      ? error
      : new JangadaError('usage', `${flagOf(name)} can be given only once`);
  }
}

/**
 * The options that any of the words may name, and perhaps some more. For each option that it gets, meow makes two dozen
 * objects: for all options that takes longer than the rest of the parsing.
 */
function namedIn(words: readonly string[]): OptionName[] {
  const dashed = words.filter(word => word.startsWith('-'));
  const letters = (text: string) => text.replaceAll('-', '').toLowerCase();
  const long = dashed.map(letters);
  const short = dashed.filter(word => !word.startsWith('--')).join('');
  return optionNames.filter(name => {
    const letter = optionOf(name).short;
    return (
      (letter !== undefined && short.includes(letter)) ||
      long.some(word => word.includes(letters(name)))
    );
  });
}

/**
 * Joins several addresses into one text. No addresses stay undefined, unless the option was written without a value.
 */
function inOneText(
  {server, ...flags}: Readonly<Record<string, unknown>>,
  words: readonly string[],
): Readonly<Record<string, unknown>> {
  const end = words.indexOf('--');
  const isWritten = words
    .slice(0, end === -1 ? undefined : end)
    .some(word => /^(?:-s|--(?:no-)?server\b.*)$/.test(word));
  const given = Array.isArray(server) ? server.filter(one => typeof one === 'string') : [];
  return given.length > 0 || isWritten ? {...flags, server: joinServers(given)} : flags;
}

/** meow reads `--no-mouse` as a `mouse` that is false: here the option is called `noMouse`. */
function withNegations(
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => {
      const negation = optionNames.find(known => flagOf(known) === `--no-${flagOf(name).slice(2)}`);
      return value === false && negation !== undefined ? [negation, true] : [name, value];
    }),
  );
}

/** Whether the option in `word` takes a value. */
function takesValue(word: string): boolean {
  return optionNames.some(name => {
    const {short, value} = optionOf(name);
    return value !== undefined && (word === flagOf(name) || word === `-${short}`);
  });
}
