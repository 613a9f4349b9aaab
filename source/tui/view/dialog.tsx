/** A question in the middle of the screen. */
import {type ReactNode, useContext} from 'react';
import {displayName} from '../../../protocol/display-text.ts';
import type {DialogView} from '../model/dialogs.ts';
import type {Size} from '../model/layout.ts';
import {say} from '../text/say.ts';
import {cutMiddle, padEnd, widthOf, wrapWords} from '../text/width.ts';
import type {Row} from './line/line-view.tsx';
import {span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {Overlay, overlayArea} from './walls/overlay.tsx';

type DialogProps = {readonly view: DialogView; readonly screen: Size};

export function Dialog({view, screen}: DialogProps): ReactNode {
  const look = useContext(LookContext);
  return <Overlay screen={screen} {...dialogBox(look, view, screen)} />;
}

type DialogRow = Row & {
  /** The key that a click on this row presses. */
  readonly key?: string;
};

function dialogBox(look: Look, view: DialogView, screen: Size) {
  const hint =
    view.forAll === undefined
      ? say`Enter chooses, Esc goes back`
      : say`Enter chooses, a for all, Esc stops all`;
  return {
    title: [span(cutMiddle(view.title, screen.columns - 10, look.glyphs), 'strong')],
    foot: [span(hint, 'faint')],
    rows: dialogRows(look, view, screen),
  };
}

/** The key of the answer at a place of the screen; undefined if there is none. */
export function dialogKeyAt(
  look: Look,
  view: DialogView,
  screen: Size,
  {column, row}: {readonly column: number; readonly row: number},
): string | undefined {
  const box = dialogBox(look, view, screen);
  const {left, top, columns, rows} = overlayArea(screen, box);
  const isInside = column > left && column < left + columns - 1 && row < top + rows - 1;
  return isInside ? box.rows[row - top - 1]?.key : undefined;
}

/** As many rows as fit; the choices are more important than the words above them. */
export function dialogRows(look: Look, view: DialogView, screen: Size): DialogRow[] {
  const columns = Math.min(screen.columns - 6, 96);
  const room = Math.max(1, screen.rows - 4);
  const choices = choiceRows(look, view, columns);
  const all: DialogRow[] =
    view.forAll === undefined
      ? []
      : [
          {
            key: 'a',
            line: [
              span(say` [${view.all ? say`x` : say` `}] `, 'accent'),
              span(say`a  `, 'accent'),
              span(view.forAll),
            ],
          },
        ];
  const body = view.body
    .flatMap(text => wrapWords(text, columns - 2, look.glyphs))
    .map((text): Row => ({line: [span(say` ${text}`)]}));
  const blank: Row = {line: []};
  const parts = body.length > 0 ? [...body, blank] : [];
  const fitting = parts.slice(0, Math.max(0, room - choices.length - all.length));
  return [...fitting, ...choices, ...all];
}

function choiceRows({glyphs}: Look, view: DialogView, columns: number): DialogRow[] {
  const width = Math.max(...view.choices.map(({label}) => widthOf(label)));
  return view.choices.map(({key, label, detail}, index) => {
    const chosen = index === view.cursor;
    const rest = columns - width - 8;
    return {
      key,
      line: [
        span(chosen ? glyphs.cursor : say` `, 'accent'),
        span(say` ${displayName(key)}  `, 'accent'),
        span(padEnd(label, width), 'strong'),
        // A narrow screen has no room for the detail.
        ...(rest >= 16 ? [span(say`  ${cutMiddle(detail, rest, glyphs)}`, 'faint')] : []),
      ],
      cursor: chosen,
    };
  });
}
