/** The bottom line: keys and a message, or a line that is being typed. */
import {memo, type ReactNode, useContext} from 'react';
import type {Pane} from '../../model/layout.ts';
import type {Message} from '../../model/messages.ts';
import type {PromptView} from '../../model/typing/prompt.ts';
import {LineView} from '../line/line-view.tsx';
import {fitLine} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {TypedLineView} from '../typed-line.tsx';
import {footerLine} from './key-line.ts';

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

  return <LineView line={footerLine(glyphs, {focus, message, columns})} />;
});
