/** The line in which a command is typed. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Parts} from '../../model/parts.ts';
import type {Completion} from '../../model/typing/completion.ts';
import {quoted, wordsOf} from '../../model/typing/words.ts';
import {joinTexts, say} from '../../text/say.ts';
import type {Command} from '../commands/command.ts';
import {commands} from '../commands/commands.ts';

export function typeCommand(parts: Parts): void {
  const {prompt, history, messages} = parts;
  let perform = (): void => {};
  let typed = '';
  prompt.open({
    label: say`:`,
    hint: say`${joinTexts(commands.map(nameOf), say` `)}. Tab completes`,
    text: '',
    note: () => noteOn(typed),
    onChange(text) {
      typed = text;
    },
    history: linesOf(parts),
    complete: (before, signal) => complete(parts, before, signal),
    async check(text, signal) {
      perform = await prepare(parts, text, signal);
      return undefined;
    },
    onEnter(text) {
      try {
        history.add(text);
      } catch (error) {
        messages.complain(displayName(error instanceof Error ? error.message : String(error)));
      }

      perform();
    },
  });
}

const nameOf = ({name}: Command): DisplayText => displayName(name);

/** @throws JangadaError `usage` for an unknown command, and the complaints of commands. */
async function prepare(parts: Parts, line: string, signal: AbortSignal): Promise<() => void> {
  const [name, ...rest] = wordsOf(line).map(({text}) => text);
  if (name === undefined) {
    return () => {};
  }

  const command = commands.find(command => command.name === name);
  if (command === undefined) {
    const names = commands.map(({name}) => name).join(', ');
    throw new JangadaError('usage', `Unknown command ${displayName(name)}: ${names}.`);
  }

  const {least, most} = command.words;
  if (rest.length < least || rest.length > most) {
    const quote = rest.length > most && most === 1 ? " A name with spaces stands in '…'." : '';
    throw new JangadaError('usage', `Type ${usageOf(command)}.${quote}`);
  }

  return await command.prepare(parts, rest, signal);
}

function usageOf({name, takes}: Command): DisplayText {
  return takes === '' ? displayName(name) : say`${displayName(name)} ${takes}`;
}

/** A note about the command that is being typed. */
function noteOn(line: string): DisplayText | undefined {
  const [word] = wordsOf(line);
  const command = commands.find(({name}) => name === word?.text);
  return command && say`${usageOf(command)}: ${command.text}`;
}

function linesOf({history, messages}: Pick<Parts, 'history' | 'messages'>): readonly string[] {
  try {
    return history.lines();
  } catch (error) {
    messages.complain(displayName(error instanceof Error ? error.message : String(error)));
    return [];
  }
}

/** Names of commands for the first word, and paths for the others. */
async function complete(
  {remote, browser}: Pick<Parts, 'remote' | 'browser'>,
  before: string,
  signal: AbortSignal,
): Promise<Completion> {
  const words = wordsOf(before);
  const last = endsBetween(before, words.length) ? undefined : words.at(-1);
  const from = last?.from ?? before.length;
  if (words.length === 0 || (words.length === 1 && last !== undefined)) {
    const names = commands.map(({name, takes}) => (takes === '' ? name : `${name} `));
    return {from, choices: names.filter(name => name.startsWith(last?.text ?? ''))};
  }

  const text = last?.text ?? '';
  const paths = await remote.complete(text, browser.path, signal);
  const front = text.slice(0, paths.from);
  return {from, choices: paths.choices.map(name => quoted(`${front}${name}`))};
}

/** Whether the next character begins a word: it does after a space outside of quotes. */
function endsBetween(before: string, words: number): boolean {
  return wordsOf(`${before}x`).length > words;
}
