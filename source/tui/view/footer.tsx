/** The bottom line: keys, or a line that is being typed, or a message. */
import {memo, type ReactNode, useContext} from 'react';
import {bindings, keyLabel} from '../keys/keymap.ts';
import type {Pane} from '../model/layout.ts';
import type {Message} from '../model/messages.ts';
import type {PromptView} from '../model/typing/prompt.ts';
import type {Glyphs} from '../terminal/glyphs.ts';
import {say} from '../text/say.ts';
import {LineView} from './line/line-view.tsx';
import {fitLine, type Line, lineWidth, type Span, span} from './line/span.ts';
import {LookContext} from './look.ts';
import {TypedLineView} from './typed-line.tsx';

type FooterProps = {
  readonly focus: Pane;
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** Whether a dialog or the help page lies over the panes: it shows its own keys. */
  readonly covered: boolean;
  readonly columns: number;
  /** Told of the text of the typed line. */
  readonly onTyped: (text: string) => void;
};

export const Footer = memo(function Footer({
  focus,
  prompt,
  message,
  covered,
  columns,
  onTyped,
}: FooterProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  if (covered) {
    return <LineView line={fitLine([], columns, glyphs)} />;
  }

  if (prompt !== undefined) {
    return <TypedLineView view={prompt} columns={columns} onChange={onTyped} />;
  }

  const line =
    message === undefined
      ? keysLine(glyphs, focus, columns)
      : fitLine(
          [span(say` ${message.text}`, message.tone === 'bad' ? 'bad' : 'strong')],
          columns,
          glyphs,
        );
  return <LineView line={line} />;
});

/** As many keys of the pane as fit, and always those that lead to help, to other panes and out. */
export function keysLine(glyphs: Glyphs, focus: Pane, columns: number): Line {
  const {up, down} = glyphs.keys;
  const move =
    focus === 'verifier'
      ? []
      : [keySpans(say`${up}${up.length > 1 ? say`/` : say``}${down}`, say`move`)];
  const own = bindings.filter(({pane, short}) => pane === focus && short !== undefined);
  const shared = bindings.filter(({pane, short}) => pane === undefined && short !== undefined);
  const spansOf = ({keys, short}: (typeof bindings)[number]) =>
    keySpans(keyLabel(keys[0] ?? '', glyphs), short ?? say``);
  const last = shared.map(spansOf);
  const room = columns - last.reduce((width, spans) => width + lineWidth(spans), 0);
  const line: Span[] = [];
  for (const spans of [...move, ...own.map(spansOf)]) {
    // The keys stand in the order of their worth: a shorter one does not overtake.
    if (lineWidth(line) + lineWidth(spans) > room) {
      break;
    }

    line.push(...spans);
  }

  return fitLine([...line, ...last.flat()], columns, glyphs);
}

function keySpans(key: Span['text'], word: Span['text']): Span[] {
  return [span(say` ${key}`, 'accent'), span(say` ${word} `)];
}
