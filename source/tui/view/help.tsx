/** A help page over the screen: keys and their effects, side by side where there is room. */
import {type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {keyLabel, keyOf} from '../keys/keymap.ts';
import {type HelpLine, helpGap, indent} from '../model/help/help-columns.ts';
import type {HelpView} from '../model/help/help-page.ts';
import type {HelpEntry} from '../model/help/help-section.ts';
import type {Size} from '../model/layout.ts';
import {say} from '../text/say.ts';
import {cutEnd, padEnd, spaces, widthOf} from '../text/width.ts';
import type {Row} from './line/line-view.tsx';
import {fitLine, type Line, lineWidth, span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {Overlay} from './walls/overlay.tsx';

type HelpProps = {readonly view: HelpView; readonly screen: Size};

export function Help({view, screen}: HelpProps): ReactNode {
  const look = useContext(LookContext);
  return (
    <Overlay
      screen={screen}
      title={titleLine(look, view)}
      foot={footLine(look, view)}
      rows={helpRows(look, view)}
    />
  );
}

function titleLine({glyphs}: Look, {search, width}: HelpView): Line {
  const title = span(say`Keys`, 'strong');
  return search === ''
    ? [title]
    : [title, span(say` with '${cutEnd(displayName(search), width - 16, glyphs)}'`, 'warning')];
}

function footLine({glyphs}: Look, {length, room, search}: HelpView): Line {
  const {up, down} = glyphs.keys;
  const more = length > room ? say`${up} ${down} more, ` : say``;
  const esc = search === '' ? say`closes` : say`shows all`;
  return [span(say`${more}${keyOf('filter')} searches, ${keyOf('back')} ${esc}`, 'faint')];
}

/** The visible rows. Their number and width do not depend on the search, so that the box does not move. */
export function helpRows(look: Look, view: HelpView): Row[] {
  const {columns, offset, room, fullLength, width} = view;
  const height = Math.min(room, fullLength);
  const isEmpty = columns.every(lines => lines.length === 0);
  return Array.from({length: height}, (_, index): Row => {
    const cells = columns.map((lines, column) => {
      const line = cellLine(look, view, lines[offset + index]);
      const gap = column === columns.length - 1 ? 1 : helpGap;
      return [...fitLine(line, width, look.glyphs), span(spaces(gap))];
    });
    const line = cells.flat();
    const row =
      isEmpty && index === 0 ? fitLine(nothingLine(), lineWidth(line), look.glyphs) : line;
    return {line: [span(spaces(1)), ...row]};
  });
}

function nothingLine(): Line {
  return [span(say`No key matches. ${keyOf('back')} shows all.`, 'faint')];
}

function cellLine(look: Look, {labelWidth}: HelpView, line: HelpLine | undefined): Line {
  switch (line?.kind) {
    case 'title':
      return [span(line.text, 'accent')];
    case 'entry': {
      const {entry, text} = line;
      const label = entry === undefined ? say`` : labelOf(look, entry, labelWidth);
      return [span(say`${spaces(indent)}${padEnd(label, labelWidth)} `, 'strong'), span(text)];
    }

    case 'blank':
    case undefined:
      return [];
  }
}

/** As many keys as fit, or the use of the mouse. */
function labelOf({glyphs}: Look, {keys, label}: HelpEntry, columns: number): DisplayText {
  if (keys.length === 0) {
    return cutEnd(label === '' ? glyphs.none : label, columns, glyphs);
  }

  const [first = say``, ...others] = keys.map(key => keyLabel(key, glyphs));
  const words = others.reduce<DisplayText>((all, next) => {
    const longer = say`${all} ${next}`;
    return widthOf(longer) > columns ? all : longer;
  }, first);
  return cutEnd(words, columns, glyphs);
}
