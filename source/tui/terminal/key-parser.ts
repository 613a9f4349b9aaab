/**
 * Bytes from the terminal made into keys. Several keys in one read become several keys, a
 * sequence that is cut in two becomes one, pasted text stays apart from keys, and answers of
 * the terminal to questions that others asked are dropped.
 *
 * Ink's `useInput` has no name for function keys and for Insert, and hands over all plain
 * characters of one read as one string; so the interface reads keys with this.
 */

/** A key: its name (`a`, `A`, `space`, `up`, `ctrl-u`, `f5`) and what it types, if anything. */
export type Key = {readonly name: string; readonly text: string};

export type TerminalInput =
  | {readonly type: 'key'; readonly key: Key}
  | {readonly type: 'paste'; readonly text: string};

const escapeCharacter = '\u001b';
const pasteStart = `${escapeCharacter}[200~`;
const pasteEnd = `${escapeCharacter}[201~`;

/** More than anybody pastes into a line; what comes beyond it is dropped. */
const maxPaste = 65_536;

export class KeyParser {
  #pending = '';
  #pasted: string | undefined;

  /** The keys in `chunk`, together with what was left of the chunk before. */
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

  /** Whether something waits that is either a lone Escape or the front of a sequence. */
  get waiting(): boolean {
    return this.#pending !== '' && this.#pasted === undefined;
  }

  /** Nothing followed in time: what waits is an Escape, and what was typed after it. */
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

/** The name of a control character; undefined for one that types something. */
function controlName(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  switch (code) {
    case 0x00:
      return 'ctrl-space';
    case 0x08:
    case 0x7f:
      return 'backspace';
    case 0x09:
      return 'tab';
    case 0x0a:
    case 0x0d:
      return 'enter';
    default:
      return code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : undefined;
  }
}

// What follows an Escape.
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
    const found = sequenceKey(match.groups.parameters ?? '', match.groups.final ?? '');
    if (found !== undefined) {
      inputs.push(found);
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

const letterKeys: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
  P: 'f1',
  Q: 'f2',
  S: 'f4',
  Z: 'shift-tab',
};

const numberKeys: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** Keys that the kitty protocol numbers in the private use area: the keypad. */
const keypadKeys: Readonly<Record<number, string>> = {
  57414: 'enter',
  57417: 'left',
  57418: 'right',
  57419: 'up',
  57420: 'down',
  57421: 'pageup',
  57422: 'pagedown',
  57423: 'home',
  57424: 'end',
  57425: 'insert',
  57426: 'delete',
};
const keypadCharacters = '0123456789./*-+';
const keypadZero = 57_399;

/** The key of a control sequence; undefined for one that is no key. */
function sequenceKey(parameters: string, final: string): TerminalInput | undefined {
  if (/[<=>?]/.test(parameters)) {
    return undefined;
  }

  const [code = '', modified = ''] = parameters.split(';');
  const [modifiers = '', event] = modified.split(':');
  // A key that is let go is not pressed.
  if (event === '3') {
    return undefined;
  }

  const pressed = modifierPrefix(Number(modifiers === '' ? 1 : modifiers) - 1);
  if (final === 'u') {
    return unicodeKey(Number(code.split(':')[0]), pressed);
  }

  const name = final === '~' ? numberKeys[code] : letterKeys[final];
  return name === undefined ? undefined : key(pressed.named + name);
}

type Pressed = {
  /** Before the name of a key that types nothing. */
  named: string;
  /** Before a character: Shift is in the character. */
  typed: string;
  shift: boolean;
};

function modifierPrefix(bits: number): Pressed {
  const prefix = `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 8 ? 'super-' : ''}`;
  const shift = (bits & 1) !== 0;
  return {named: shift ? `${prefix}shift-` : prefix, typed: prefix, shift};
}

/** A key that the kitty protocol names by its character. */
function unicodeKey(code: number, pressed: Pressed): TerminalInput | undefined {
  const keypad = keypadKeys[code];
  if (keypad !== undefined) {
    return key(pressed.named + keypad);
  }

  if (code === 27) {
    return key(`${pressed.named}escape`);
  }

  const digit = keypadCharacters[code - keypadZero];
  if (
    !Number.isInteger(code) ||
    code < 0 ||
    code > 0x10_ffff ||
    (code >= 0xe000 && code <= 0xf8ff)
  ) {
    return digit === undefined ? undefined : key(pressed.typed + digit, digit);
  }

  const character = String.fromCodePoint(code);
  const control = controlName(character);
  if (control !== undefined) {
    return key(pressed.named + control);
  }

  const shifted = pressed.shift ? character.toUpperCase() : character;
  const name = shifted === ' ' ? 'space' : shifted;
  return pressed.typed === '' ? key(name, shifted) : key(pressed.typed + name);
}
