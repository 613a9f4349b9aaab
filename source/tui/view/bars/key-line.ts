/** The bottom line: the keys of the focused pane, and the last message beside them. */
import {bindings, keyLabel} from '../../keys/keymap.ts';
import type {Pane} from '../../model/layout.ts';
import type {Message} from '../../model/messages.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {say} from '../../text/say.ts';
import {fitLine, type Line, lineWidth, type Span, span, spread} from '../line/span.ts';

/** Least keys of the pane that a message leaves room for, besides the keys for other panes, help and quitting. */
const leastKeys = 3;
/** Actions whose keys are always in the line. */
const lasting: ReadonlySet<string> = new Set(['next-pane', 'help', 'quit']);
/** Age in seconds from which a message shows its age, and from which it fades. */
const tellsAgeFrom = 2;
const fadesFrom = 5;

type KeyLine = {
  readonly focus: Pane;
  /** Actions that would do nothing now: their keys are left out. */
  readonly idle: readonly string[];
  readonly message: Message | undefined;
  readonly columns: number;
};

type Keys = Pick<KeyLine, 'focus' | 'idle'>;

/** The keys, and the message at the right if it fits beside them. */
export function footerLine(glyphs: Glyphs, line: KeyLine): Line {
  const keys = keysLine(glyphs, line, roomForKeys(glyphs, line));
  return spread(keys, besideKeys(glyphs, line), line.columns, glyphs);
}

/** The message, if it fits beside the keys. */
function besideKeys(glyphs: Glyphs, {message, ...line}: KeyLine): Line {
  return message !== undefined && fitsBeside(glyphs, {...line, message})
    ? [...messageLine(glyphs, message), span(say` `)]
    : [];
}

function roomForKeys(glyphs: Glyphs, line: KeyLine): number {
  const beside = besideKeys(glyphs, line);
  return line.columns - (beside.length === 0 ? 0 : lineWidth(beside) + 1);
}

/** Whether a message leaves enough room for keys. */
export function fitsBeside(
  glyphs: Glyphs,
  {message, columns, ...line}: KeyLine & {message: Message},
): boolean {
  const {first, last} = keyParts(glyphs, line);
  const keys = [...first.slice(0, leastKeys), ...last].flatMap(({spans}) => spans);
  // Measured with the greatest age, so that the line does not move when the message gets older.
  const oldest = {...message, ageSeconds: 10};
  return lineWidth(keys) + lineWidth(messageLine(glyphs, oldest)) + 2 <= columns;
}

/** `Queued 3 files to ~/downloads. · 2 s ago` */
export function messageLine({dot}: Glyphs, {text, tone, ageSeconds}: Message): Line {
  const age = ageSeconds < tellsAgeFrom ? [] : [span(say` ${dot} ${ageSeconds} s ago`, 'faint')];
  const fresh: Tone = tone === 'bad' ? 'bad' : 'strong';
  return [span(text, tone === 'plain' && ageSeconds >= fadesFrom ? 'faint' : fresh), ...age];
}

/** As many keys of the pane as fit, and always the keys for help, other panes and quitting. */
export function keysLine(glyphs: Glyphs, line: Keys, columns: number): Line {
  const {first, last} = keyParts(glyphs, line);
  const shown = first.slice(0, keysShown(glyphs, line, columns));
  const keys = [...shown, ...last].flatMap(({spans}) => spans);
  return lineWidth(keys) > columns ? fitLine(keys, columns, glyphs) : keys;
}

/**
 * How many keys of the pane fit: they are in order of importance, and a shorter key never replaces a longer one before
 * it.
 */
function keysShown(glyphs: Glyphs, line: Keys, columns: number): number {
  const {first, last} = keyParts(glyphs, line);
  let room = columns - lineWidth(last.flatMap(({spans}) => spans));
  const fitting = first.findIndex(({spans}) => {
    room -= lineWidth(spans);
    return room < 0;
  });
  return fitting === -1 ? first.length : fitting;
}

/**
 * The key whose words are at `column` of the line; undefined if there is none, or words that stand for several keys.
 */
export function keyAt(glyphs: Glyphs, line: KeyLine, column: number): string | undefined {
  const {first, last} = keyParts(glyphs, line);
  const shown = keysShown(glyphs, line, roomForKeys(glyphs, line));
  let end = 0;
  for (const {key, spans} of [...first.slice(0, shown), ...last]) {
    end += lineWidth(spans);
    if (column < end) {
      return key;
    }
  }

  return undefined;
}

type KeyPart = {readonly key: string | undefined; readonly spans: readonly Span[]};

/** The keys of the pane, and the keys of all panes that always follow them. */
function keyParts(glyphs: Glyphs, {focus, idle}: Keys): {first: KeyPart[]; last: KeyPart[]} {
  const {up, down} = glyphs.keys;
  const move =
    focus === 'verifier'
      ? []
      : [keyPart(undefined, say`${up}${up.length > 1 ? say`/` : say``}${down}`, say`move`)];
  const partOf = ({keys: [key = ''], short}: (typeof bindings)[number]) =>
    keyPart(key, keyLabel(key, glyphs), short ?? say``);
  const named = bindings.filter(({short, keys}) => short !== undefined && keys.length > 0);
  const shared = named.filter(({pane}) => pane === undefined);
  return {
    // Arrow keys are left out: users try them without being told.
    first: [
      ...named.filter(({pane, action}) => pane === focus && !idle.includes(action)).map(partOf),
      ...shared.filter(({action}) => !lasting.has(action)).map(partOf),
      ...move,
    ],
    last: shared.filter(({action}) => lasting.has(action)).map(partOf),
  };
}

function keyPart(key: string | undefined, label: Span['text'], word: Span['text']): KeyPart {
  return {key, spans: [span(say` ${label}`, 'accent'), span(say` ${word} `)]};
}
