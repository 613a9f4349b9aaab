/** A page of keys over the screen, with as many lines as it has room for. */
import {type ReactNode, useContext} from 'react';
import {helpRoom, type Size} from '../../model/layout.ts';
import {say} from '../../text/say.ts';
import type {Row} from '../line/line-view.tsx';
import {span} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {Overlay} from './overlay.tsx';

type KeysPageProps = {
  readonly rows: readonly Row[];
  /** The first line that is shown. */
  readonly offset: number;
  readonly screen: Size;
};

export function KeysPage({rows, offset, screen}: KeysPageProps): ReactNode {
  const {up, down} = useContext(LookContext).glyphs.keys;
  const room = helpRoom(screen);
  const first = Math.min(offset, Math.max(0, rows.length - room));
  const more = rows.length > room ? say`${up} ${down} for more, ` : say``;
  return (
    <Overlay
      screen={screen}
      title={[span(say`Keys`, 'strong')]}
      foot={[span(say`${more}Esc closes`, 'faint')]}
      rows={rows.slice(first, first + room)}
    />
  );
}
