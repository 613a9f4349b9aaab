/** The keys of the screen of servers for its bottom line. */
import {keyLabel, serversBindings} from '../../keys/keymap.ts';
import type {ServersBinding} from '../../keys/servers/servers-keys.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {say} from '../../text/say.ts';
import {fitLine, type Line, lineWidth, type Span, span} from '../line/span.ts';

/** Actions whose keys are shown on the narrowest screen, too. */
const lasting: ReadonlySet<string> = new Set(['help', 'quit']);

/** As many keys as fit in `columns`, and always the keys for help and quitting. */
export function serversKeyLine(glyphs: Glyphs, columns: number): Line {
  const keys = shownKeys(glyphs, columns).flatMap(({spans}) => spans);
  return lineWidth(keys) > columns ? fitLine(keys, columns, glyphs) : keys;
}

/** The key whose words are at `column` of such a line. */
export function serversKeyAt(glyphs: Glyphs, columns: number, column: number): string | undefined {
  let end = 0;
  return shownKeys(glyphs, columns).find(({spans}) => {
    end += lineWidth(spans);
    return column < end;
  })?.key;
}

type KeyPart = {readonly key: string; readonly spans: readonly Span[]};

function shownKeys(glyphs: Glyphs, columns: number): KeyPart[] {
  const named = serversBindings.filter(({short, keys}) => short !== undefined && keys.length > 0);
  const partsOf = (list: readonly ServersBinding[]) => list.map(one => partOf(glyphs, one));
  const last = partsOf(named.filter(({action}) => lasting.has(action)));
  let room = columns - widthOf(last);
  const first = partsOf(named.filter(({action}) => !lasting.has(action)));
  // The keys are in order of importance: a shorter key never replaces a longer one before it.
  const end = first.findIndex(part => {
    room -= widthOf([part]);
    return room < 0;
  });
  return [...first.slice(0, end === -1 ? first.length : end), ...last];
}

const widthOf = (parts: readonly KeyPart[]): number => lineWidth(parts.flatMap(({spans}) => spans));

function partOf(glyphs: Glyphs, {keys: [key = ''], short}: ServersBinding): KeyPart {
  return {
    key,
    spans: [span(say` ${keyLabel(key, glyphs)}`, 'accent'), span(say` ${short ?? say``} `)],
  };
}
