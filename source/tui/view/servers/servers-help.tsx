/** The help page of the screen of servers: all of its keys, from their table. */
import {type ReactNode, useContext} from 'react';
import {keyLabel} from '../../keys/keymap.ts';
import {serversKeys} from '../../keys/servers/servers-keys.ts';
import type {Size} from '../../model/layout.ts';
import {joinTexts, say} from '../../text/say.ts';
import {padEnd} from '../../text/width.ts';
import type {Row} from '../line/line-view.tsx';
import {span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {KeysPage} from '../walls/keys-page.tsx';

type ServersHelpProps = {
  /** The first line that is shown. */
  readonly offset: number;
  readonly screen: Size;
};

export function ServersHelp(place: ServersHelpProps): ReactNode {
  return <KeysPage rows={serversHelpRows(useContext(LookContext))} {...place} />;
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
