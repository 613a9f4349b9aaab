/**
 * Makes keys of the bytes from the terminal. Several keys in one read become several keys, a
 * sequence that is cut in two becomes one key, pasted text stays apart from keys, and the terminal's
 * answers to questions (asked by Ink) are dropped.
 *
 * Ink's `useInput` has no name for function keys and for Insert, and hands over all plain
 * characters of one read as one string; so the interface reads keys with this.
 */
import type {Key} from './key.ts';
import {controlName, sequenceKey} from './key-sequences.ts';
import {type Mouse, mouseEvent} from './mouse.ts';

export type TerminalInput =
  | {readonly type: 'key'; readonly key: Key}
  | {readonly type: 'paste'; readonly text: string}
  | {readonly type: 'mouse'; readonly mouse: Mouse}
  /** Whether the window has the keys of its user now. */
  | {readonly type: 'focus'; readonly isFocused: boolean};

const escapeCharacter = '\u001b';
const pasteStart = `${escapeCharacter}[200~`;
const pasteEnd = `${escapeCharacter}[201~`;

/** Characters of a paste that are kept: more than anybody pastes into a line. */
const maxPaste = 65_536;

export class KeyParser {
  #pending = '';
  #pasted: string | undefined;

  /** The keys in `chunk`, together with the rest of the chunk before. */
  push(chunk: string): TerminalInput[] {
    const inputs: TerminalInput[] = [];
    let text = this.#pending + chunk;
    this.#pending = '';
    while (text !== '') {
      const used =
        this.#pasted === undefined ? this.#take(text, inputs) : this.#paste(text, inputs);
      if (used === 0) {
        this.#pending = text;
        break;
      }

      text = text.slice(used);
    }

    return inputs;
  }

  /** Whether characters wait that are either a lone Escape or the front of a sequence. */
  get waiting(): boolean {
    return this.#pending !== '' && this.#pasted === undefined;
  }

  /** Nothing followed in time: the characters that wait are an Escape, and keys typed after it. */
  flush(): TerminalInput[] {
    if (!this.waiting) {
      return [];
    }

    const rest = this.#pending.slice(1);
    this.#pending = '';
    const inputs: TerminalInput[] = [key('escape')];
    return rest === '' ? inputs : [...inputs, ...this.push(rest)];
  }

  /** Read one key from the front of `text`. @returns characters used; 0 if it is not complete. */
  #take(text: string, inputs: TerminalInput[]): number {
    if (text.startsWith(pasteStart)) {
      this.#pasted = '';
      return pasteStart.length;
    }

    if (text.startsWith(escapeCharacter)) {
      return takeSequence(text, inputs);
    }

    const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
    const name = controlName(character);
    inputs.push(name === undefined ? typed(character) : key(name));
    return character.length;
  }

  #paste(text: string, inputs: TerminalInput[]): number {
    const end = text.indexOf(pasteEnd);
    if (end === -1) {
      // The end mark itself may be cut in two: keep back what could be its front.
      const used = Math.max(0, text.length - (pasteEnd.length - 1));
      this.#pasted = `${this.#pasted}${text.slice(0, used)}`.slice(0, maxPaste);
      return used;
    }

    inputs.push({type: 'paste', text: `${this.#pasted}${text.slice(0, end)}`.slice(0, maxPaste)});
    this.#pasted = undefined;
    return end + pasteEnd.length;
  }
}

const key = (name: string, text = ''): TerminalInput => ({type: 'key', key: {name, text}});

function typed(character: string): TerminalInput {
  return key(character === ' ' ? 'space' : character, character);
}

// Sequences, without the Escape that they begin with.
const csi = /^\[(?<parameters>[\x30-\x3f]*)[\x20-\x2f]*(?<final>[\x40-\x7e])/;
const ss3 = /^O(?<parameters>[0-9;]*)(?<final>[A-Za-z])/;
const linuxFunction = /^\[\[(?<final>[A-E])/;
const unfinished = /^(?:\[\[?[\x30-\x3f]*[\x20-\x2f]*|O[0-9;]*)?$/;

function takeSequence(text: string, inputs: TerminalInput[]): number {
  const rest = text.slice(escapeCharacter.length);
  const linux = linuxFunction.exec(rest);
  if (linux?.groups !== undefined) {
    inputs.push(key(`f${(linux.groups.final ?? 'A').charCodeAt(0) - 0x40}`));
    return escapeCharacter.length + linux[0].length;
  }

  const match = csi.exec(rest) ?? ss3.exec(rest);
  if (match?.groups !== undefined) {
    const {parameters = '', final = ''} = match.groups;
    const input = rest.startsWith('[') ? reportOf(parameters, final) : undefined;
    const found = input === undefined ? sequenceKey(parameters, final) : undefined;
    if (input !== undefined) {
      inputs.push(input);
    } else if (found !== undefined) {
      inputs.push({type: 'key', key: found});
    }

    return escapeCharacter.length + match[0].length;
  }

  if (unfinished.test(rest)) {
    return 0;
  }

  // Escape and then something else in the same read: two keys, pressed quickly.
  inputs.push(key('escape'));
  return 1;
}

/** What the terminal says of the mouse and of its window; undefined for anything else. */
function reportOf(parameters: string, final: string): TerminalInput | undefined {
  if (parameters === '' && (final === 'I' || final === 'O')) {
    return {type: 'focus', isFocused: final === 'I'};
  }

  const mouse = final === 'M' || final === 'm' ? mouseEvent(parameters, final) : undefined;
  return mouse === undefined ? undefined : {type: 'mouse', mouse};
}
