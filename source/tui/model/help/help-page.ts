/** The help page: whether it is open, the place in it, and the words that are looked for in it. */
import {helpRoom, type Size} from '../layout.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor} from '../viewport.ts';
import {type HelpColumns, helpColumns} from './help-columns.ts';
import {type HelpSection, searchHelp} from './help-section.ts';

export type HelpView = HelpColumns & {
  /** The first line that is shown, and how many lines there is room for. */
  readonly offset: number;
  readonly room: number;
  /** Lines of the page without a search: the box stays as tall as for them. */
  readonly fullLength: number;
  readonly search: string;
};

type HelpPageOptions = {
  /** What it shows, as it is now. */
  readonly sections: () => readonly HelpSection[];
  readonly screen: () => Size;
};

export class HelpPage {
  readonly #options: HelpPageOptions;
  readonly #repainter: Repainter;
  /** What it shows, as it was when it was opened; undefined while it is closed. */
  #sections: readonly HelpSection[] | undefined;
  #offset = 0;
  #search = '';

  constructor(options: HelpPageOptions, repainter: Repainter) {
    this.#options = options;
    this.#repainter = repainter;
  }

  get isOpen(): boolean {
    return this.#sections !== undefined;
  }

  /** Words that the rows which are shown have in them. */
  get search(): string {
    return this.#search;
  }

  set search(text: string) {
    this.#search = text;
    this.#offset = 0;
    this.#repainter.now();
  }

  open(): void {
    this.#sections = this.#options.sections();
    this.search = '';
  }

  close(): void {
    this.#sections = undefined;
    this.#repainter.now();
  }

  scroll(move: Move): void {
    const {length, room} = this.view() ?? {length: 0, room: 1};
    const places = placesOf(length, room);
    const at = fitViewport({cursor: this.#offset, offset: 0}, places, 1);
    // The page has no cursor: a notch of the wheel moves it as rows do.
    const step: Move = 'by' in move && move.by === 'scroll' ? {by: 'row', count: move.count} : move;
    this.#offset = moveCursor(at, step, places, room).cursor;
    this.#repainter.now();
  }

  view(): HelpView | undefined {
    const all = this.#sections;
    if (all === undefined) {
      return undefined;
    }

    const screen = this.#options.screen();
    const room = helpRoom(screen);
    const shown = helpColumns(searchHelp(all, this.#search), all, screen);
    const full = this.#search === '' ? shown : helpColumns(all, all, screen);
    return {
      ...shown,
      offset: Math.min(this.#offset, placesOf(shown.length, room) - 1),
      room,
      fullLength: full.length,
      search: this.#search,
    };
  }
}

/** How many first lines there can be. */
function placesOf(length: number, room: number): number {
  return Math.max(1, length - room + 1);
}
