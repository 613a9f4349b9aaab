/** The right pane while the verifier has nothing to say: the entry under the cursor. */
import {memo, type ReactNode, useContext} from 'react';
import {displayName} from '../../../../protocol/display-text.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import type {DetailsView} from '../../model/details/details.ts';
import type {Size} from '../../model/layout.ts';
import {say} from '../../text/say.ts';
import {cutMiddle} from '../../text/width.ts';
import {Frame} from '../frame.tsx';
import {hereLine} from '../here/here-words.ts';
import {Rows} from '../line/line-view.tsx';
import {span} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {detailsLines} from './details-lines.ts';

type DetailsPaneProps = {
  readonly view: DetailsView;
  readonly size: Size;
  readonly active: boolean;
};

export const DetailsPane = memo(function DetailsPane(props: DetailsPaneProps): ReactNode {
  const {view, size, active} = props;
  const look = useContext(LookContext);
  const columns = size.columns - 2;
  const lines = detailsLines(look, view, columns - 2, Math.max(0, size.rows - 2));
  const name = displayName(view.path === '' ? '/' : baseName(view.path));
  return (
    <Frame
      size={size}
      active={active}
      title={[
        span(view.preview === undefined ? say`Details ` : say`Preview `, 'strong'),
        span(cutMiddle(name, Math.max(8, columns - 14), look.glyphs), 'accent'),
      ]}
      aside={size.rows === 1 ? hereLine(look.glyphs, view.state) : []}
    >
      <Rows rows={lines.map(line => ({line: [span(say` `), ...line]}))} columns={columns} />
    </Frame>
  );
});
