/** Parses the words of a command line into an invocation. */
import {withoutToken} from '../../../protocol/address.ts';
import {isShell, type Shell, shells} from '../../../protocol/completion/scripts.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {nearest} from '../../../protocol/program/nearest.ts';
import {
  type CommandGroup,
  type CommandName,
  commandCalled,
  commandOf,
  commandsOf,
  commandWords,
  groupWords,
  looksLikeAddress,
  type Topic,
} from './catalogue.ts';
import {flagOf, type OptionName, optionNames, optionOf} from './option-catalogue.ts';
import {type OptionSettings, type Options, type RawOptions, readOptions} from './option-values.ts';
import {readWords} from './read-words.ts';
import {remoteInputs} from './remote-inputs.ts';
import {joinServers} from './server-addresses.ts';

export type RunnableCommand = Exclude<CommandName, 'serve' | 'completion'>;

/** The subject of the first words: a command, or help of some kind. */
type Asked = CommandName | CommandGroup | 'help';

type Invocation =
  | {do: 'help'; topic: Topic}
  | {do: 'version'}
  | {do: 'completion'; shell: Shell}
  | {do: 'serve'; words: readonly string[]}
  | {do: 'run'; command: RunnableCommand; inputs: readonly string[]; options: Options};

/**
 * The invocation that the words after the program's name ask for.
 *
 * @param settings of the configuration, for options that are not written.
 * @throws JangadaError `usage`: an unknown command or option (with the nearest right one), an option that does not
 * belong to the command, a bad value, too few or too many arguments; `local_io` for a local folder that cannot be read.
 */
export function parseArguments(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  settings: OptionSettings = {},
): Invocation {
  // The server program has its own options and its own help.
  if (words[0] === 'serve') {
    return {do: 'serve', words: words.slice(1)};
  }

  const {inputs: all, raw} = readWords(words);
  const {command, inputs} = commandIn(all);
  refuseUnknown(raw, command);
  refuseValues(raw);
  if (raw.help === true || command === 'help') {
    return {do: 'help', topic: topicOf(command, inputs)};
  }

  if (raw.version === true) {
    return {do: 'version'};
  }

  if (command === 'serve') {
    throw usage("'serve' comes first and its own options follow: jangada serve [DIR] [OPTIONS]");
  }

  if (isGroup(command)) {
    const words = commandsOf(command).join(', ');
    throw usage(`'${command}' needs one more word. Write one of: ${words}`);
  }

  const written = refuseForeign(command, raw);
  checkCount(command, inputs, written);
  if (command === 'completion') {
    return {do: 'completion', shell: shellIn(inputs[0] ?? '')};
  }

  const options = readOptions(command, openedAt(command, inputs, written), environment, settings);
  return {do: 'run', command, ...remoteInputs(command, inputs, options)};
}

function commandIn(all: readonly string[]): {
  command: Asked;
  inputs: readonly string[];
} {
  const [word, second] = all;
  if (word === undefined || looksLikeAddress(word)) {
    return {command: 'open', inputs: all};
  }

  const group = groupWords.find(known => known === word);
  if (group !== undefined && second !== undefined) {
    return {command: commandInGroup(group, second), inputs: all.slice(2)};
  }

  const command = group ?? (word === 'help' ? word : commandCalled(word));
  if (command === undefined) {
    const near = nearest(word, [...commandWords, ...groupWords]);
    throw usage(
      `Unknown command '${displayName(word)}'. ${nearestIs(near)}` +
        'jangada help lists them all, and a server is written jangada://HOST:PORT',
    );
  }

  return {command, inputs: all.slice(1)};
}

function commandInGroup(group: CommandGroup, word: string): CommandName {
  const command = commandCalled(`${group} ${word}`);
  if (command === undefined) {
    throw usage(
      `Unknown command '${group} ${displayName(word)}'. ` +
        `${nearestIs(nearestInGroup(group, word))}jangada help ${group} lists them all`,
    );
  }

  return command;
}

function nearestInGroup(group: CommandGroup, word: string): string | undefined {
  const near = nearest(
    word,
    commandsOf(group).map(command => command.slice(group.length + 1)),
  );
  return near === undefined ? undefined : `${group} ${near}`;
}

function nearestIs(near: string | undefined): string {
  return near === undefined ? '' : `The nearest is '${near}'; `;
}

function isGroup(command: Asked): command is CommandGroup {
  return groupWords.some(group => group === command);
}

function refuseUnknown(raw: Readonly<Record<string, unknown>>, command: Asked): void {
  for (const name of Object.keys(raw)) {
    if (!optionNames.some(known => known === name)) {
      throw unknownOption(name, command);
    }
  }
}

/** Refuse a value for an option that takes none, also for options that every command has. */
function refuseValues(raw: Readonly<Record<string, unknown>>): void {
  for (const name of optionNames) {
    if (optionOf(name).value === undefined && raw[name] !== undefined && raw[name] !== true) {
      const advice = name === 'help' ? '. The help of a command: jangada help COMMAND' : '';
      throw usage(`${flagOf(name)} takes no value${advice}`);
    }
  }
}

function unknownOption(name: string, command: Asked): JangadaError {
  // An unknown option may have taken the command for its value.
  const own =
    command === 'help' || command === 'open' || isGroup(command)
      ? optionNames
      : [...commandOf(command).options, 'help' as const];
  const flag = name.length === 1 ? `-${name}` : flagOf(name);
  const near =
    name.length === 1 ? own.find(option => option.startsWith(name)) : nearestOption(name, own);
  const advice = command === 'open' || command === 'help' ? '--help' : `help ${command}`;
  return usage(
    `Unknown option '${displayName(flag)}'. ` +
      `${nearestIs(near === undefined ? undefined : flagOf(near))}jangada ${advice} lists them all`,
  );
}

function nearestOption(name: string, own: readonly OptionName[]): OptionName | undefined {
  // The dashes are always right: they would only make all names look alike.
  const near = nearest(
    flagOf(name).slice(2),
    own.map(option => flagOf(option).slice(2)),
  );
  return own.find(option => flagOf(option) === `--${near}`);
}

function topicOf(command: Asked, inputs: readonly string[]): Topic {
  if (command !== 'help') {
    return command === 'open' ? undefined : command;
  }

  const words = inputs.join(' ');
  if (words === '' || words === 'help') {
    return undefined;
  }

  const topics = [...commandWords, ...groupWords, 'options'];
  const topic =
    words === 'options'
      ? words
      : (groupWords.find(known => known === words) ?? commandCalled(words));
  if (topic === undefined) {
    const group = groupWords.find(known => known === inputs[0]);
    const near =
      group === undefined
        ? nearest(words, topics)
        : nearestInGroup(group, inputs.slice(1).join(' '));
    throw usage(
      `No help for '${displayName(words)}'. ` +
        `${nearestIs(near === undefined ? undefined : `jangada help ${near}`)}` +
        'jangada help lists all commands',
    );
  }

  return topic;
}

const fullScreen = 'the full-screen client';

/** The options as text and `true`; refuses options that do not belong to `command`. */
function refuseForeign(
  command: Exclude<CommandName, 'serve'>,
  raw: Readonly<Record<string, unknown>>,
): RawOptions {
  const written: Record<string, string | true> = {};
  for (const name of optionNames) {
    const value = raw[name];
    if (value === undefined) {
      continue;
    }

    if (!commandOf(command).options.includes(name)) {
      const users = commandWords.filter(word => commandOf(word).options.includes(name));
      const place = command === 'open' ? fullScreen : `'${command}'`;
      const owners = users.length === 0 ? fullScreen : users.join(', ');
      throw usage(`${flagOf(name)} belongs to ${owners}, not to ${place}`);
    }

    if (value === true && optionOf(name).value === undefined) {
      written[name] = true;
    } else if (typeof value === 'string' && value !== '') {
      written[name] = value;
    } else {
      throw usage(`${flagOf(name)} needs a value: ${flagOf(name)} ${optionOf(name).value}`);
    }
  }

  return written;
}

function checkCount(command: CommandName, inputs: readonly string[], written: RawOptions): void {
  const {
    arguments: [least, most],
    argument,
    instead,
    usage: line,
  } = commandOf(command);
  if (inputs.length < least && (instead === undefined || written[instead] === undefined)) {
    throw usage(`${argument} is missing. Write: ${line}`);
  }

  if (inputs.length > most) {
    const extra = displayName(withoutToken(inputs[most] ?? ''));
    throw usage(`Unexpected argument '${extra}'. Write: ${line}`);
  }
}

/** The full-screen client takes its servers as arguments or as options, not as both. */
function openedAt(
  command: RunnableCommand,
  inputs: readonly string[],
  written: RawOptions,
): RawOptions {
  if (command !== 'open' || inputs.length === 0) {
    return written;
  }

  if (written.server !== undefined) {
    throw usage('The server is given twice, as ADDRESS and as --server: leave one of them out');
  }

  return {...written, server: joinServers(inputs)};
}

function shellIn(word: string): Shell {
  if (!isShell(word)) {
    throw usage(`Unknown shell '${displayName(word)}'. Write one of: ${shells.join(', ')}`);
  }

  return word;
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
