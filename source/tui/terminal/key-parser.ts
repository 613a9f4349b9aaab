/**
 * Parses bytes from the terminal into keys. Several keys in one read become several keys, and a sequence that is cut in
 * two becomes one key; pasted text, and answers to Ink's queries, are kept apart from keys.
 *
 * Ink's `useInput` has no names for function keys and Insert, and returns all plain characters of one read as one
 * string; so the interface reads keys with this parser.
 */
import type {Key} from './key.ts';
import {controlName, sequenceKey} from './key-sequences.ts';
import {type Mouse, mouseReport} from './mouse.ts';

export type TerminalInput =
  | {readonly type: 'key'; readonly key: Key}
  | {readonly type: 'paste'; readonly text: string}
  | {readonly type: 'mouse'; readonly mouse: Mouse}
  /** Whether the window has the focus now. */
  | {readonly type: 'focus'; readonly isFocused: boolean}
  | {readonly type: 'answer'; readonly sequence: string}
  /** The terminal's answer about its background: `rgb:ffff/ffff/ffff`. */
  | {readonly type: 'background'; readonly colour: string};

const escapeCharacter = '\u001b';
const pasteStart = `${escapeCharacter}[200~`;
const pasteEnd = `${escapeCharacter}[201~`;

/** Most characters of a paste that are kept: users paste less into a line. */
const maxPaste = 65_536;

export class KeyParser {
  #pending = '';
  #pasted: string | undefined;
  // The beginning of a possible mouse report whose rest has not come in time.
  #late = '';

  /** The keys in `chunk` and in the kept rest of earlier chunks. */
  push(chunk: string): TerminalInput[] {
    const inputs: TerminalInput[] = [];
    let text = this.#pending + this.#takeLate(chunk, inputs);
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

  /** Whether characters are kept that are either a lone Escape or the beginning of a sequence. */
  get waiting(): boolean {
    return this.#pending !== '' && this.#pasted === undefined;
  }

  /** No more has come in time: the kept characters are an Escape, and keys typed after it. */
  flush(): TerminalInput[] {
    if (!this.waiting) {
      return [];
    }

    const rest = this.#pending.slice(1);
    // No user types the beginning of an answer so fast: its rest is late.
    if (answerFront.test(rest) || backgroundAnswer.test(rest)) {
      return [];
    }

    const late = this.#pending;
    this.#pending = '';
    // No user types the beginning of a report: it is not a key, however late its rest is.
    if (reportFront.test(rest)) {
      this.#late = late;
      return [];
    }

    const inputs: TerminalInput[] = [key('escape'), ...this.push(rest)];
    this.#late = rest === '' || rest === '[' ? late : '';
    return inputs;
  }

  /** Read the late rest of a report from the front of `chunk`. @returns the text after it. */
  #takeLate(chunk: string, inputs: TerminalInput[]): string {
    const late = this.#late;
    if (late === '' || chunk === '') {
      return chunk;
    }

    const text = late + chunk;
    const report = mouseReport(text.slice(1));
    this.#late = report?.length === 0 ? text : '';
    if (report === undefined) {
      return chunk;
    }

    // The beginning of any other sequence was read as keys already.
    if (report.mouse !== undefined && reportFront.test(late.slice(1))) {
      inputs.push({type: 'mouse', mouse: report.mouse});
    }

    return report.length === 0 ? '' : text.slice(1 + report.length);
  }

  /** Read one key from the front of `text`. @returns the number of used characters; 0 if the key is incomplete. */
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
      // The end mark itself may be cut in two: keep characters that may be its beginning.
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
const reportFront = /^\[[<M]/;
const csi = /^\[(?<parameters>[\x30-\x3f]*)[\x20-\x2f]*(?<final>[\x40-\x7e])/;
const ss3 = /^O(?<parameters>[0-9;]*)(?<final>[A-Za-z])/;
const linuxFunction = /^\[\[(?<final>[A-E])/;
// The answer about the background without its end; and a text that is too short for one.
const backgroundAnswer = /^\]11;(?<colour>rgba?:[\da-f/]{0,24})/i;
const answerFront = /^\]11;(?:r|rg|rgb|rgba)?$/i;
const bell = '\u0007';
const stringEnd = `${escapeCharacter}\\`;
const unfinished = /^(?:\[\[?[\x30-\x3f]*[\x20-\x2f]*|O[0-9;]*|\]1{0,2})?$/;

function takeSequence(text: string, inputs: TerminalInput[]): number {
  const rest = text.slice(escapeCharacter.length);
  const report = mouseReport(rest);
  if (report !== undefined) {
    if (report.mouse !== undefined) {
      inputs.push({type: 'mouse', mouse: report.mouse});
    }

    return report.length === 0 ? 0 : escapeCharacter.length + report.length;
  }

  const linux = linuxFunction.exec(rest);
  if (linux?.groups !== undefined) {
    inputs.push(key(`f${(linux.groups.final ?? 'A').charCodeAt(0) - 0x40}`));
    return escapeCharacter.length + linux[0].length;
  }

  const match = csi.exec(rest) ?? ss3.exec(rest);
  if (match?.groups !== undefined) {
    const {parameters = '', final = ''} = match.groups;
    const told = rest.startsWith('[') ? reportOf(match[0]) : undefined;
    const found = told === undefined ? sequenceKey(parameters, final) : undefined;
    if (told !== undefined) {
      inputs.push(told);
    } else if (found !== undefined) {
      inputs.push({type: 'key', key: found});
    }

    return escapeCharacter.length + match[0].length;
  }

  const answer = takeBackground(rest, inputs);
  if (answer !== undefined) {
    return answer === 0 ? 0 : escapeCharacter.length + answer;
  }

  if (unfinished.test(rest) || answerFront.test(rest)) {
    return 0;
  }

  // Escape and then another character in the same read: two keys, pressed quickly.
  inputs.push(key('escape'));
  return 1;
}

/**
 * Read the terminal's answer about its background from the front of `rest`.
 * @returns the number of used characters; 0 if the answer is incomplete; undefined for anything else.
 */
function takeBackground(rest: string, inputs: TerminalInput[]): number | undefined {
  const match = backgroundAnswer.exec(rest);
  if (match === null) {
    return undefined;
  }

  const [front] = match;
  const behind = rest.slice(front.length);
  const end = [bell, stringEnd].find(text => behind.startsWith(text));
  if (end === undefined) {
    // An answer that keys interrupt is dropped, and the keys count.
    return stringEnd.startsWith(behind) ? 0 : front.length;
  }

  inputs.push({type: 'background', colour: match.groups?.colour ?? ''});
  return front.length + end.length;
}

/** A report of the terminal, from a sequence without its Escape; undefined for a key. */
function reportOf(sequence: string): TerminalInput | undefined {
  if (sequence === '[I' || sequence === '[O') {
    return {type: 'focus', isFocused: sequence === '[I'};
  }

  return sequence.startsWith('[?')
    ? {type: 'answer', sequence: escapeCharacter + sequence}
    : undefined;
}
