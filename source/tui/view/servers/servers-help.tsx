/** The help page of the screen of servers: all of its keys, from their table. */
import {type ReactNode, useContext} from 'react';
import {keyLabel} from '../../keys/keymap.ts';
import {serversKeys} from '../../keys/servers/servers-keys.ts';
import {helpRoom, type Size} from '../../model/layout.ts';
import {joinTexts, say} from '../../text/say.ts';
import {padEnd} from '../../text/width.ts';
import type {Row} from '../line/line-view.tsx';
import {span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {Overlay} from '../walls/overlay.tsx';

type ServersHelpProps = {
  /** The first line that is shown. */
  readonly offset: number;
  readonly screen: Size;
};

export function ServersHelp({offset, screen}: ServersHelpProps): ReactNode {
  const look = useContext(LookContext);
  const rows = serversHelpRows(look);
  const room = helpRoom(screen);
  const first = Math.min(offset, Math.max(0, rows.length - room));
  const {up, down} = look.glyphs.keys;
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

export function serversHelpRows({glyphs}: Look): Row[] {
  return serversKeys.map(({keys, text}) => {
    const labels = joinTexts(
      keys.map(key => keyLabel(key, glyphs)),
      say` `,
    );
    return {line: [span(say`  ${padEnd(labels, 16)} `, 'strong'), span(text)]};
  });
}
