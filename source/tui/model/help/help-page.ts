/** The help page: whether it is open, its scroll position, and the words of its search. */
import {helpRoom, type Size} from '../layout.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor} from '../viewport.ts';
import {type HelpColumns, helpColumns} from './help-columns.ts';
import {type HelpSection, searchHelp} from './help-section.ts';

export type HelpView = HelpColumns & {
  /** The first line that is shown, and the number of lines that fit. */
  readonly offset: number;
  readonly room: number;
  /** Lines of the page without a search: the box stays so tall during a search. */
  readonly fullLength: number;
  readonly search: string;
};

type HelpPageOptions = {
  /** The sections, as they are now. */
  readonly sections: () => readonly HelpSection[];
  readonly screen: () => Size;
};

export class HelpPage {
  readonly #options: HelpPageOptions;
  readonly #repainter: Repainter;
  /** The sections at the moment when the page was opened; undefined while it is closed. */
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

  /** The words that all shown rows contain. */
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
    // The page has no cursor, so the wheel moves it by rows.
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

/** The number of possible first lines. */
function placesOf(length: number, room: number): number {
  return Math.max(1, length - room + 1);
}
