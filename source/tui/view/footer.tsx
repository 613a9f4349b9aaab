/** The bottom line: keys and a message, or a line that is being typed. */
import {memo, type ReactNode, useContext} from 'react';
import {displayName} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import type {Message} from '../model/messages.ts';
import type {PromptView} from '../model/prompt.ts';
import type {Glyphs} from '../terminal/glyphs.ts';
import {say} from '../text/say.ts';
import {cutStart, spaces, widthOf} from '../text/width.ts';
import {footerLine} from './key-line.ts';
import {LineView} from './line/line-view.tsx';
import {fitLine, type Line, lineWidth, span, spread} from './line/span.ts';
import {LookContext} from './look.ts';

type FooterProps = {
  readonly focus: Pane;
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** Whether a dialog or the help page lies over the panes: it shows its own keys. */
  readonly covered: boolean;
  readonly columns: number;
};

export const Footer = memo(function Footer({
  focus,
  prompt,
  message,
  covered,
  columns,
}: FooterProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  if (covered) {
    return <LineView line={fitLine([], columns, glyphs)} />;
  }

  if (prompt !== undefined) {
    return <LineView line={promptLine(glyphs, prompt, columns)} />;
  }

  return <LineView line={footerLine(glyphs, {focus, message, columns})} />;
});

/** The last line while the user types: label, text with the caret, and the hint or the complaint. */
export function promptLine(
  glyphs: Glyphs,
  {label, hint, line, complaint}: PromptView,
  columns: number,
): Line {
  const before = displayName(line.before.join(''));
  const after = displayName(line.after.join(''));
  const front = widthOf(label) + 3;
  const typed: Line = [
    span(say` ${label} `, 'accent'),
    span(cutStart(before, Math.max(4, columns - front - 2 - Math.min(widthOf(after), 10)), glyphs)),
    span(glyphs.caret, 'accent'),
    span(after),
  ];
  if (complaint === undefined) {
    return spread([...typed, span(spaces(2))], [span(say`${hint} `, 'faint')], columns, glyphs);
  }

  const why = span(say`  ${complaint} `, 'bad');
  const fits = lineWidth([...typed, why]) <= columns;
  // Where both do not fit, the complaint is worth more than the label.
  return fitLine([...(fits ? typed : typed.slice(1)), why], columns, glyphs);
}
