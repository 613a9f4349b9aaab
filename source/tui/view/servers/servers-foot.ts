/** The bottom line of the screen of servers, and the message in it or in the wall above. */
import type {ServersView} from '../../model/servers/servers-screen.ts';
import {say} from '../../text/say.ts';
import {messageLine} from '../bars/key-line.ts';
import {type Line, lineWidth, span, spread} from '../line/span.ts';
import type {Look} from '../look.ts';
import {serversKeyLine} from './servers-key-line.ts';

type Shown = Pick<ServersView, 'size' | 'message' | 'prompt' | 'help'>;

/** A message leaves at least so many columns to keys. */
const leastKeyColumns = 48;

/** The keys, and the message at the right if it fits beside them; while help is open, only the message. */
export function footLine(look: Look, view: Shown): Line {
  const {columns} = view.size;
  const {glyphs} = look;
  if (view.help !== undefined) {
    return spread([], besideKeys(look, view), columns, glyphs);
  }

  const keys = serversKeyLine(glyphs, roomForKeys(look, view));
  return spread(keys, besideKeys(look, view), columns, glyphs);
}

/** Columns for the keys. */
export function roomForKeys(look: Look, view: Shown): number {
  const beside = besideKeys(look, view);
  return view.size.columns - (beside.length === 0 ? 0 : lineWidth(beside) + 1);
}

/** The message, if it is not in the bottom line. */
export function wallMessage({glyphs}: Look, view: Shown): Line {
  const {message} = view;
  return message === undefined || isBeside({glyphs}, view) ? [] : messageLine(glyphs, message);
}

function besideKeys({glyphs}: Pick<Look, 'glyphs'>, view: Shown): Line {
  const {message} = view;
  return message !== undefined && isBeside({glyphs}, view)
    ? [...messageLine(glyphs, message), span(say` `)]
    : [];
}

function isBeside({glyphs}: Pick<Look, 'glyphs'>, {size, message, prompt, help}: Shown): boolean {
  const width = message === undefined ? 0 : lineWidth(messageLine(glyphs, message));
  const isFree = prompt === undefined && width + leastKeyColumns <= size.columns;
  return help === undefined ? isFree : prompt === undefined;
}
