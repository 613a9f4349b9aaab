/** The keys of control sequences: those of xterm and rxvt, and those of kitty. */
import type {Key} from './key.ts';

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
  R: 'f3',
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

/** The key of a control sequence; undefined for a sequence that is not a key. */
export function sequenceKey(parameters: string, final: string): Key | undefined {
  if (/[<=>?]/.test(parameters)) {
    return undefined;
  }

  const [code = '', modified = ''] = parameters.split(';');
  const [modifiers = '', event] = modified.split(':');
  // The release of a key is not a press.
  if (event === '3') {
    return undefined;
  }

  const pressed = modifierPrefix(Number(modifiers === '' ? 1 : modifiers) - 1);
  if (final === 'u') {
    return unicodeKey(Number(code.split(':')[0]), pressed);
  }

  // With numbers it is a cursor position: an answer of the terminal.
  if (final === 'R' && parameters !== '') {
    return undefined;
  }

  const name = final === '~' ? numberKeys[code] : letterKeys[final];
  return name === undefined ? undefined : keyOf(pressed.named + name);
}

type Pressed = {
  /** The modifiers in front of the name of a key that types nothing. */
  named: string;
  /** The modifiers in front of a character, which includes Shift. */
  typed: string;
  shift: boolean;
};

function modifierPrefix(bits: number): Pressed {
  const prefix = `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 8 ? 'super-' : ''}`;
  const shift = (bits & 1) !== 0;
  return {named: shift ? `${prefix}shift-` : prefix, typed: prefix, shift};
}

/** A key that the kitty protocol identifies by its character. */
function unicodeKey(code: number, pressed: Pressed): Key | undefined {
  const keypad = keypadKeys[code];
  if (keypad !== undefined) {
    return keyOf(pressed.named + keypad);
  }

  if (code === 27) {
    return keyOf(`${pressed.named}escape`);
  }

  const digit = keypadCharacters[code - keypadZero];
  if (
    !Number.isInteger(code) ||
    code < 0 ||
    code > 0x10_ffff ||
    (code >= 0xe000 && code <= 0xf8ff)
  ) {
    return digit === undefined ? undefined : keyOf(pressed.typed + digit, digit);
  }

  const character = String.fromCodePoint(code);
  const control = controlName(character);
  if (control !== undefined) {
    return keyOf(pressed.named + control);
  }

  const shifted = pressed.shift ? character.toUpperCase() : character;
  const name = shifted === ' ' ? 'space' : shifted;
  return pressed.typed === '' ? keyOf(name, shifted) : keyOf(pressed.typed + name);
}

function keyOf(name: string, text = ''): Key {
  return {name, text};
}

/** The name of a control character; undefined for a character that types something. */
export function controlName(character: string): string | undefined {
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
