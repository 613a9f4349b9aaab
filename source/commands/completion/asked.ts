/** Parses a command line that is being typed: the words before the cursor, and the kind of the word at the cursor. */
import {
  type CommandGroup,
  type CommandName,
  commandCalled,
  commandOf,
  commandsOf,
  groupWords,
  looksLikeAddress,
} from '../arguments/catalogue.ts';
import {flagOf, type OptionName, optionNames, optionOf} from '../arguments/option-catalogue.ts';
import type {RawOptions} from '../arguments/option-values.ts';

/**
 * What the word at the cursor can be: an option, the value of an option, a command or a word of a group, or an
 * argument.
 */
type Place =
  | {readonly is: 'option'; readonly ofCommand: CommandName | undefined}
  | {readonly is: 'value'; readonly of: OptionName; readonly prefix: string}
  | {readonly is: 'command'}
  | {readonly is: 'command of a group'; readonly group: CommandGroup}
  | {readonly is: 'topic'; readonly group: CommandGroup | undefined}
  | {readonly is: 'argument'; readonly ofCommand: CommandName; readonly index: number}
  | {readonly is: 'nothing'};

export type Asked = {
  readonly place: Place;
  /** The typed part of the word, without a `--name=` in front. */
  readonly begun: string;
  /** Options before the word. */
  readonly raw: RawOptions;
  /** Whether a `--` before the word ends the options. */
  readonly isBehindDashes: boolean;
};

/**
 * @param words after the name of the program. The last is the word at the cursor; a word whose value only the shell
 * knows is undefined.
 */
export function askedIn(words: ReadonlyArray<string | undefined>): Asked {
  const typed = words.at(-1) ?? '';
  const inputs: Array<string | undefined> = [];
  const raw: Record<string, string | true> = {};
  let pending: OptionName | undefined;
  let isBehindDashes = false;
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) {
      // Of several servers, completion asks the first.
      raw[pending] ??= word ?? '';
      pending = undefined;
    } else if (isBehindDashes || word === undefined || word === '-' || !word.startsWith('-')) {
      inputs.push(word);
    } else if (word === '--') {
      isBehindDashes = true;
    } else {
      const [flag = '', value] = word.split(/=(.*)/s);
      const name = optionIn(flag);
      if (name !== undefined && value === undefined && optionOf(name).value !== undefined) {
        pending = name;
      } else if (name !== undefined) {
        raw[name] ??= value ?? true;
      }
    }
  }

  const common = {raw, isBehindDashes};
  if (pending !== undefined) {
    return {...common, begun: typed, place: {is: 'value', of: pending, prefix: ''}};
  }

  if (!isBehindDashes && typed.startsWith('-')) {
    const [flag = '', value] = typed.split(/=(.*)/s);
    const name = optionIn(flag);
    if (value === undefined) {
      return {...common, begun: typed, place: {is: 'option', ofCommand: commandIn(inputs)}};
    }

    return name === undefined
      ? {...common, begun: value, place: {is: 'nothing'}}
      : {...common, begun: value, place: {is: 'value', of: name, prefix: `${flag}=`}};
  }

  return {...common, begun: typed, place: placeBehind(inputs)};
}

function placeBehind(inputs: ReadonlyArray<string | undefined>): Place {
  const [first, second] = inputs;
  if (inputs.length === 0) {
    return {is: 'command'};
  }

  const group = groupWords.find(known => known === first);
  if (group !== undefined && inputs.length === 1) {
    return {is: 'command of a group', group};
  }

  if (first === 'help') {
    const topic = groupWords.find(known => known === second);
    const isDone = inputs.length > (topic === undefined ? 1 : 2);
    return isDone ? {is: 'nothing'} : {is: 'topic', group: topic};
  }

  const command = commandIn(inputs);
  const index = inputs.length - (group === undefined ? 1 : 2);
  return command === undefined || index >= commandOf(command).arguments[1]
    ? {is: 'nothing'}
    : {is: 'argument', ofCommand: command, index};
}

function commandIn([first, second]: ReadonlyArray<string | undefined>): CommandName | undefined {
  if (first === undefined) {
    return undefined;
  }

  if (looksLikeAddress(first)) {
    return 'open';
  }

  return groupWords.some(known => known === first)
    ? commandCalled(`${first} ${second}`)
    : commandCalled(first);
}

function optionIn(flag: string): OptionName | undefined {
  return optionNames.find(name => {
    const {short} = optionOf(name);
    return flag === flagOf(name) || (short !== undefined && flag === `-${short}`);
  });
}

/** The second words of the commands in `group`. */
export function wordsIn(group: CommandGroup): {word: string; command: CommandName}[] {
  return commandsOf(group).map(command => ({word: command.slice(group.length + 1), command}));
}
