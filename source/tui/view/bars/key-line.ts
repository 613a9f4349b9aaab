/** The bottom line: the keys of the pane that has them, and the last message beside them. */
import {bindings, keyLabel} from '../../keys/keymap.ts';
import type {Pane} from '../../model/layout.ts';
import type {Message} from '../../model/messages.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {say} from '../../text/say.ts';
import {fitLine, type Line, lineWidth, type Span, span, spread} from '../line/span.ts';

/** Keys of the pane that no message takes the room of, besides those that lead to help and out. */
const leastKeys = 3;
/** Seconds from which a message tells its age, and from which it fades. */
const tellsAgeFrom = 2;
const fadesFrom = 5;

type KeyLine = {
  readonly focus: Pane;
  readonly message: Message | undefined;
  readonly columns: number;
};

/** The keys, and the message at the right if it has room beside them. */
export function footerLine(glyphs: Glyphs, {focus, message, columns}: KeyLine): Line {
  const beside =
    message !== undefined && fitsBeside(glyphs, {focus, message, columns})
      ? [...messageLine(glyphs, message), span(say` `)]
      : [];
  const keys = keysLine(glyphs, focus, columns - (beside.length === 0 ? 0 : lineWidth(beside) + 1));
  return spread(keys, beside, columns, glyphs);
}

/** Whether a message leaves enough room for keys. */
export function fitsBeside(
  glyphs: Glyphs,
  {focus, message, columns}: KeyLine & {message: Message},
): boolean {
  const {first, last} = keyParts(glyphs, focus);
  const keys = [...first.slice(0, leastKeys), ...last].flat();
  // With the oldest age that it will tell, so that it does not jump when it gets older.
  const oldest = {...message, ageSeconds: 10};
  return lineWidth(keys) + lineWidth(messageLine(glyphs, oldest)) + 2 <= columns;
}

/** `Queued 3 files to ~/downloads. · 2 s ago` */
export function messageLine({dot}: Glyphs, {text, tone, ageSeconds}: Message): Line {
  const age = ageSeconds < tellsAgeFrom ? [] : [span(say` ${dot} ${ageSeconds} s ago`, 'faint')];
  const fresh: Tone = tone === 'bad' ? 'bad' : 'strong';
  return [span(text, tone === 'plain' && ageSeconds >= fadesFrom ? 'faint' : fresh), ...age];
}

/** As many keys of the pane as fit, and always those that lead to help, to other panes and out. */
export function keysLine(glyphs: Glyphs, focus: Pane, columns: number): Line {
  const {first, last} = keyParts(glyphs, focus);
  const room = columns - lineWidth(last.flat());
  const line: Span[] = [];
  for (const spans of first) {
    // The keys stand in the order of their worth: a shorter one does not overtake.
    if (lineWidth(line) + lineWidth(spans) > room) {
      break;
    }

    line.push(...spans);
  }

  const keys = [...line, ...last.flat()];
  return lineWidth(keys) > columns ? fitLine(keys, columns, glyphs) : keys;
}

/** The keys of the pane, and those of all panes that always stand behind them. */
function keyParts(glyphs: Glyphs, focus: Pane): {first: Span[][]; last: Span[][]} {
  const {up, down} = glyphs.keys;
  const move =
    focus === 'verifier'
      ? []
      : [keySpans(say`${up}${up.length > 1 ? say`/` : say``}${down}`, say`move`)];
  const spansOf = ({keys, short}: (typeof bindings)[number]) =>
    keySpans(keyLabel(keys[0] ?? '', glyphs), short ?? say``);
  const named = bindings.filter(({short, keys}) => short !== undefined && keys.length > 0);
  return {
    first: [...move, ...named.filter(({pane}) => pane === focus).map(spansOf)],
    last: named.filter(({pane}) => pane === undefined).map(spansOf),
  };
}

function keySpans(key: Span['text'], word: Span['text']): Span[] {
  return [span(say` ${key}`, 'accent'), span(say` ${word} `)];
}
