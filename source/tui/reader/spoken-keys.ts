/** The spoken names of keys. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import {keyLabel, keyOf, serversKeyOf} from '../keys/keymap.ts';
import {asciiGlyphs} from '../terminal/glyphs.ts';
import {say} from '../text/say.ts';

/** The name of `key`. */
export function spokenKey(key: string): DisplayText {
  return spoken[key] ?? keyLabel(key, asciiGlyphs);
}

/** The name of the first key of an action, for a sentence. */
export function spokenKeyOf(action: string): DisplayText {
  return inSentence(keyOf(action));
}

/** The same, on the screen of servers. */
export function spokenServersKeyOf(action: string): DisplayText {
  return inSentence(serversKeyOf(action));
}

function inSentence(label: DisplayText): DisplayText {
  return spoken[label === 'Esc' ? 'escape' : label] ?? label;
}

/** Keys whose signs a screen reader does not read, or reads unclearly. */
const spoken: Readonly<Record<string, DisplayText>> = {
  pageup: say`Page Up`,
  pagedown: say`Page Down`,
  escape: say`Escape`,
  '*': say`* star`,
  '+': say`+ plus`,
  '-': say`- minus`,
  '/': say`/ slash`,
  '\\': say`\\ backslash`,
  '.': say`. full stop`,
  ':': say`: colon`,
  '?': say`? question mark`,
};
