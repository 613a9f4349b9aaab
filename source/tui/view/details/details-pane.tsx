/** The right pane while the verifier has nothing to show: the entry under the cursor. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import {displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import type {DetailsView} from '../../model/details/details.ts';
import type {Size} from '../../model/layout.ts';
import {say} from '../../text/say.ts';
import {cutMiddle} from '../../text/width.ts';
import {hereLine} from '../here/here-words.ts';
import {Rows} from '../line/line-view.tsx';
import {lineWidth, span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {paneTitle} from '../walls/pane-title.ts';
import type {Heading} from '../walls/wall.ts';
import {detailsLines} from './details-lines.ts';

type DetailsPaneProps = {readonly view: DetailsView; readonly area: Size};

export const DetailsPane = memo(function DetailsPane(props: DetailsPaneProps): ReactNode {
  const {view, area} = props;
  const {columns, rows} = area;
  const look = useContext(LookContext);
  // One column stays free on each side.
  const lines = detailsLines(look, view, columns - 2, rows);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      <Rows rows={lines.map(line => ({line: [span(say` `), ...line]}))} columns={columns} />
    </Box>
  );
});

/** Title and entry; for a folded pane also the state of the local copy. */
export function detailsHeading(
  {glyphs}: Look,
  view: DetailsView,
  {columns, rows}: Size,
  active: boolean,
): Heading {
  const aside = rows === 0 ? hereLine(glyphs, view.state, 'tight') : [];
  const title = [paneTitle(view.preview?.isAsked === true ? 'preview' : 'details', active)];
  const room = Math.max(8, columns - lineWidth(title) - lineWidth(aside) - 9);
  const name = cutMiddle(displayName(view.path === '' ? '/' : baseName(view.path)), room, glyphs);
  return {title: [...title, span(say` ${name}`, active ? 'accent' : 'faint')], aside};
}
