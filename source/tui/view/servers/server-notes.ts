/** The words below the list of servers: the work under way, the last failure, or advice. */
import {type Address, isSameServer} from '../../../../protocol/address.ts';
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {serversKeyOf} from '../../keys/keymap.ts';
import type {ServersView} from '../../model/servers/servers-screen.ts';
import {say} from '../../text/say.ts';
import {wrapWhole} from '../../text/width.ts';
import {type Line, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

type Noted = Pick<ServersView, 'work' | 'failure' | 'trouble' | 'rows' | 'cursor'>;

/** At most `room` lines; the most important ones stay. */
export function serverNotes(look: Look, view: Noted, columns: number, room: number): Line[] {
  const {glyphs} = look;
  const lines = paragraphs(look, view).flatMap(({sign, text, tone}) =>
    wrapWhole(text, columns - 6, glyphs).map((line, index) => [
      span(index === 0 ? say`  ${sign} ` : say`    `, tone),
      span(line, tone),
    ]),
  );
  return lines.slice(0, Math.max(0, room));
}

type Paragraph = {
  readonly sign: DisplayText;
  readonly text: DisplayText;
  readonly tone: Span['tone'];
};

function paragraphs({glyphs}: Look, {work, failure, trouble, rows, cursor}: Noted): Paragraph[] {
  const faint = (text: DisplayText): Paragraph => ({sign: say` `, text, tone: 'faint'});
  const troubles: Paragraph[] =
    trouble === undefined
      ? []
      : [{sign: glyphs.here.unlike, text: say`${trouble}.`, tone: 'warning'}];
  if (work !== undefined) {
    const text =
      work.name === 'connecting'
        ? say`Connecting to ${work.server}${glyphs.ellipsis} ${serversKeyOf('back')} gives up.`
        : say`Leaving ${work.server}: its transfers stop where they are${glyphs.ellipsis}`;
    return [{sign: glyphs.states.working, text, tone: 'accent'}];
  }

  if (failure !== undefined) {
    return [
      {sign: glyphs.bad, text: failure.text, tone: 'bad'},
      ...(failure.isToOpen ? [faint(retryWords(failure.address, rows[cursor]?.address))] : []),
      ...troubles,
    ];
  }

  const isEmpty = rows.every(({kind}) => kind === 'local' || kind === 'ssh');
  return [
    ...troubles,
    ...(isEmpty ? [faint(say`No server has been used yet.`)] : []),
    faint(
      say`Type an address to open another server: files.example.org, 192.0.2.7:1234/photos, or ssh://HOST.`,
    ),
    ...(isEmpty
      ? [faint(say`To share a folder of this machine, run jangada-server FOLDER beside this.`)]
      : []),
  ];
}

/** How to try again a server that may not be the one under the cursor. */
function retryWords(failed: Address, current: Address | undefined): DisplayText {
  return current !== undefined && isSameServer(failed, current)
    ? say`${serversKeyOf('open')} tries again; ${serversKeyOf('address')} changes the address.`
    : say`${serversKeyOf('address')} brings the address back, to be changed or tried again.`;
}
