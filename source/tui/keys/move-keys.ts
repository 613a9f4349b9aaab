/** Keys that move the cursor of the focused pane. */

import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import type {Move} from '../model/viewport.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';

export const moveKeys: readonly Binding[] = [
  moving('up', {by: 'row', count: -1}, ['up', 'k'], say`one row up or down`),
  moving('down', {by: 'row', count: 1}, ['down', 'j'], say`one row up or down`),
  moving('page-up', {by: 'page', count: -1}, ['pageup'], say`a page up or down`),
  moving('page-down', {by: 'page', count: 1}, ['pagedown'], say`a page up or down`),
  moving('half-page-up', {by: 'half', count: -1}, ['ctrl-u'], say`half a page up or down`),
  moving('half-page-down', {by: 'half', count: 1}, ['ctrl-d'], say`half a page up or down`),
  moving('top', {to: 'top'}, ['home', 'g'], say`to the top or the bottom`),
  moving('bottom', {to: 'bottom'}, ['end', 'G'], say`to the top or the bottom`),
];

function moving(
  action: string,
  move: Move,
  keys: readonly string[],
  text: Binding['text'],
): Binding {
  return {action, keys, text, move, perform: (parts, pane) => moveIn(parts, pane, move)};
}

/** Move the cursor of `pane`, or the text in it. */
export function moveIn(
  {
    browser,
    transfers,
    preview,
    verifyList,
  }: Pick<Parts, 'browser' | 'transfers' | 'preview' | 'verifyList'>,
  pane: Pane,
  move: Move,
): void {
  if (pane === 'files') {
    browser.move(move);
  } else if (pane === 'transfers') {
    transfers.move(move);
  } else if (verifyList.isInFront) {
    verifyList.move(move);
  } else {
    preview.move(move);
  }
}
