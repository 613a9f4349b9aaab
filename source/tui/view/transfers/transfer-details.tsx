/** All facts about one transfer, over the panes: the keys of the pane still work. */
import {type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import {keyOf} from '../../keys/keymap.ts';
import type {Size} from '../../model/layout.ts';
import type {OpenedTransfer} from '../../model/transfers/opened-transfer.ts';
import {say} from '../../text/say.ts';
import {cutMiddle} from '../../text/width.ts';
import {span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {Overlay, type OverlayBox} from '../walls/overlay.tsx';
import {detailRows} from './detail-rows.ts';

type TransferDetailsProps = {
  readonly view: OpenedTransfer;
  readonly server: DisplayText;
  readonly isConnected: boolean;
  readonly screen: Size;
};

export function TransferDetails({screen, ...shown}: TransferDetailsProps): ReactNode {
  return <Overlay screen={screen} {...detailsBox(useContext(LookContext), shown, screen)} />;
}

const mostColumns = 96;
/** Walls, margins, the header and the bottom line. */
const around = {columns: 6, rows: 4};

export function detailsBox(
  look: Look,
  shown: Omit<TransferDetailsProps, 'screen'>,
  screen: Size,
): OverlayBox {
  const {glyphs} = look;
  const {up, down} = glyphs.keys;
  const columns = Math.min(mostColumns, screen.columns - around.columns);
  const room = Math.max(1, screen.rows - around.rows);
  const lines = detailRows(look, shown, columns);
  // A blank line is less important than a fact.
  const fitting = lines.length > room ? lines.filter(line => line.length > 0) : lines;
  const name = displayName(baseName(shown.view.transfer.remotePath));
  return {
    title: [span(cutMiddle(name, columns - 4, glyphs), 'strong')],
    foot: [span(say`${up} ${down} others, ${keyOf('back')} closes`, 'faint')],
    rows: fitting.slice(0, room).map(line => ({line: [span(say` `), ...line]})),
  };
}
