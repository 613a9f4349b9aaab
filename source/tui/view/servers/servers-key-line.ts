/** The keys of the screen of servers for its bottom line. */
import {keyLabel} from '../../keys/keymap.ts';
import {type ServersBinding, serversKeys} from '../../keys/servers/servers-keys.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {say} from '../../text/say.ts';
import {fitLine, type Line, lineWidth, type Span, span} from '../line/span.ts';

/** Keys that stand there however narrow the screen is. */
const lasting: ReadonlySet<string> = new Set(['?', 'q']);

/** As many keys as fit in `columns`, and always those that lead to help and out. */
export function serversKeyLine(glyphs: Glyphs, columns: number): Line {
  const named = serversKeys.filter(({short}) => short !== undefined);
  const isLast = ({keys}: ServersBinding): boolean => lasting.has(keys[0] ?? '');
  const last = named.filter(isLast).flatMap(binding => spansOf(glyphs, binding));
  const line: Span[] = [];
  for (const binding of named.filter(binding => !isLast(binding))) {
    const spans = spansOf(glyphs, binding);
    // The keys stand in the order of their worth: a shorter one does not overtake.
    if (lineWidth(line) + lineWidth(spans) + lineWidth(last) > columns) {
      break;
    }

    line.push(...spans);
  }

  const keys = [...line, ...last];
  return lineWidth(keys) > columns ? fitLine(keys, columns, glyphs) : keys;
}

function spansOf(glyphs: Glyphs, {keys, short}: ServersBinding): Span[] {
  return [span(say` ${keyLabel(keys[0] ?? '', glyphs)}`, 'accent'), span(say` ${short ?? say``} `)];
}
