/** The place in a help page that is open, or that none is. */
import type {Size} from '../layout.ts';
import {helpRoom} from '../layout.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor} from '../viewport.ts';

export class HelpPage {
  readonly #repainter: Repainter;
  #offset: number | undefined;

  constructor(repainter: Repainter) {
    this.#repainter = repainter;
  }

  /** The first line that is shown; undefined if the page is closed. */
  get offset(): number | undefined {
    return this.#offset;
  }

  open(): void {
    this.#offset = 0;
    this.#repainter.now();
  }

  close(): void {
    this.#offset = undefined;
    this.#repainter.now();
  }

  /** @param length lines of the whole page. */
  scroll(move: Move, length: number, screen: Size): void {
    const room = helpRoom(screen);
    const places = Math.max(1, length - room + 1);
    const at = fitViewport({cursor: this.#offset ?? 0, offset: 0}, places, 1);
    this.#offset = moveCursor(at, move, places, room).cursor;
    this.#repainter.now();
  }
}
