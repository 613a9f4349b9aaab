/** The bottom line: keys and a message, or a line that is being typed. */
import {memo, type ReactNode, useContext} from 'react';
import type {Pane} from '../../model/layout.ts';
import type {Message} from '../../model/messages.ts';
import type {PromptView} from '../../model/typing/prompt.ts';
import {say} from '../../text/say.ts';
import {LineView} from '../line/line-view.tsx';
import {span, spread} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {TypedLineView} from '../typed-line.tsx';
import {fitsBeside, footerLine, messageLine} from './key-line.ts';

type FooterProps = {
  readonly focus: Pane;
  /** Actions that would do nothing now. */
  readonly idle: readonly string[];
  readonly prompt: PromptView | undefined;
  readonly message: Message | undefined;
  /** Whether a dialog or the help page is shown over the panes and takes the keys: it shows its own. */
  readonly covered: boolean;
  /** Whether something covers the wall above, which shows a message that does not fit beside the keys. */
  readonly boxed: boolean;
  readonly columns: number;
  /** Called with the text of the typed line. */
  readonly onTyped: (text: string) => void;
};

export const Footer = memo(function Footer({
  focus,
  idle,
  prompt,
  message,
  covered,
  boxed,
  columns,
  onTyped,
}: FooterProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  const isAlone =
    boxed && message !== undefined && !fitsBeside(glyphs, {focus, idle, message, columns});
  if (covered || (isAlone && prompt === undefined)) {
    const words = message === undefined ? [] : [...messageLine(glyphs, message), span(say` `)];
    return <LineView line={spread([], words, columns, glyphs)} />;
  }

  if (prompt !== undefined) {
    return <TypedLineView view={prompt} columns={columns} onChange={onTyped} />;
  }

  return <LineView line={footerLine(glyphs, {focus, idle, message, columns})} />;
});
