/**
 * Clicks and the wheel. A click moves the focus to a pane and the cursor to a row, a second click opens the row; a
 * click on the words of a key presses that key. While a line is typed it keeps the keys, and the mouse works only in
 * the line's own pane.
 */
import type {Pane} from '../../model/layout.ts';
import type {Parts} from '../../model/parts.ts';
import type {Key} from '../../terminal/key.ts';
import type {Mouse} from '../../terminal/mouse.ts';
import {perform} from '../binding.ts';
import {bindingOf} from '../keymap.ts';
import {moveIn} from '../move-keys.ts';
import {DoubleClick} from './double-click.ts';
import type {Target} from './target.ts';

/** Rows that one notch of the wheel scrolls. */
const wheelRows = 3;

/** The row of the screen, and the time of the click. */
type Click = {readonly row: number; readonly atMs: number};

export class Pointer {
  readonly #parts: Parts;
  readonly #press: (key: Key) => void;
  readonly #clicks = new DoubleClick();

  constructor(parts: Parts, press: (key: Key) => void) {
    this.#parts = parts;
    this.#press = press;
  }

  /**
   * @param target the thing drawn under the mouse.
   * @param atMs when it happened, by a monotonic clock.
   */
  take({action, button, row}: Mouse, target: Target, atMs: number): void {
    if (action === 'wheelUp' || action === 'wheelDown') {
      this.#parts.here.used();
      this.#turn(action === 'wheelUp' ? -wheelRows : wheelRows, target);
    } else if (action === 'press' && button === 'left') {
      this.#click(target, {row, atMs});
    }
  }

  #turn(count: number, target: Target): void {
    const {dialogs, panes, prompt, help, transfers} = this.#parts;
    if (dialogs.isOpen) {
      return;
    }

    if (help.isOpen) {
      help.scroll({by: 'scroll', count});
      return;
    }

    if (transfers.view().isOpened) {
      transfers.move({by: 'row', count: Math.sign(count)});
      return;
    }

    const pane = target.on === 'head' ? 'files' : target.on === 'pane' ? target.pane : undefined;
    if (pane !== undefined && (!prompt.isOpen || pane === panes.focus)) {
      this.#scroll(pane, count);
    }
  }

  #scroll(pane: Pane, count: number): void {
    const {browser} = this.#parts;
    const turn = () => moveIn(this.#parts, pane, {by: 'scroll', count});
    if (pane === 'files') {
      browser.aim(turn);
    } else {
      turn();
    }
  }

  #click(target: Target, click: Click): void {
    const {dialogs, panes, messages, here, prompt, help, transfers} = this.#parts;
    if (target.on === 'key') {
      const {key} = target;
      this.#clicks.isSecond(undefined, click.atMs);
      this.#press({name: key, text: key.length === 1 ? key : ''});
      return;
    }

    messages.read();
    here.used();
    if (dialogs.isOpen) {
      return;
    }

    if (!help.isOpen && transfers.closeDetails()) {
      return;
    }

    if (help.isOpen) {
      // A search that is being typed stays open: its line takes no clicks.
      if (!prompt.isOpen) {
        help.close();
      }
    } else if (target.on === 'head' && !prompt.isOpen) {
      this.#sort(target.sort);
    } else if (target.on === 'pane' && (!prompt.isOpen || target.pane === panes.focus)) {
      this.#clickPane(target, click);
    }
  }

  /** Sort by a column, or reverse the order if it is that column already. */
  #sort(key: Extract<Target, {on: 'head'}>['sort']): void {
    const {browser, panes} = this.#parts;
    const {sort} = browser.options;
    panes.focusOn('files');
    browser.change({sort: {key, reverse: key === sort.key && !sort.reverse}});
  }

  #clickPane({pane, line}: Extract<Target, {on: 'pane'}>, {row, atMs}: Click): void {
    const {panes, prompt} = this.#parts;
    // Compare the place, because the first click may have moved the rows: the cursor is on the row that was clicked.
    const isSecond = this.#clicks.isSecond(`${pane} ${row}`, atMs);
    if (isSecond && pane === panes.focus && !prompt.isOpen) {
      this.#open(pane);
      return;
    }

    // A new focus may fold panes or change their heights: `line` belongs to the old layout.
    if (line === undefined || !this.#pointAt(pane, line)) {
      this.#clicks.isSecond(undefined, atMs);
    }

    if (panes.focus !== pane) {
      panes.focusOn(pane);
    }
  }

  /** Move the cursor of `pane` to `line`. @returns whether there is a row. */
  #pointAt(pane: Pane, line: number): boolean {
    const {browser, transfers} = this.#parts;
    return pane === 'files'
      ? browser.pointAt(line) !== undefined
      : pane === 'transfers' && transfers.pointAt(line) !== undefined;
  }

  /** Do what Enter does in `pane`. */
  #open(pane: Pane): void {
    const binding = bindingOf('enter', pane);
    if (binding !== undefined) {
      perform(this.#parts, binding);
    }
  }
}
