/** Where the keys go, and how the screen is divided: the focus, the size, the help page. */
import {
  helpRoom,
  innerRows,
  type Layout,
  layoutFor,
  type Pane,
  panes,
  type Size,
} from './layout.ts';
import type {Repainter} from './repainter.ts';
import type {Move} from './viewport.ts';

/** A pane with rows: it is told how many there is room for. */
type Resizable = {resize(rows: number): void};

type PanesOptions = {
  readonly size: Size;
  readonly files: Resizable;
  /** The cursor in the transfers follows the work once the keys go elsewhere. */
  readonly transfers: Resizable & {release(): void};
};

export class Panes {
  readonly #options: PanesOptions;
  readonly #repainter: Repainter;
  #size: Size;
  #layout: Layout;
  #focus: Pane = 'files';
  #help: number | undefined;

  constructor(options: PanesOptions, repainter: Repainter) {
    this.#options = options;
    this.#repainter = repainter;
    this.#size = options.size;
    this.#layout = layoutFor(options.size, this.#focus);
    this.#arrange();
  }

  get size(): Size {
    return this.#size;
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** The pane that has the keys. */
  get focus(): Pane {
    return this.#focus;
  }

  /** The first line of the help page that is shown; undefined if it is closed. */
  get help(): number | undefined {
    return this.#help;
  }

  resize(size: Size): void {
    this.#size = size;
    this.#arrange();
    this.#repainter.now();
  }

  focusOn(pane: Pane): void {
    if (this.#focus === 'transfers' && pane !== 'transfers') {
      this.#options.transfers.release();
    }

    this.#focus = pane;
    this.#arrange();
    this.#repainter.now();
  }

  /** Give the keys to the pane so many places after the one that has them. */
  focusNext(by: 1 | -1): void {
    const index = (panes.indexOf(this.#focus) + by + panes.length) % panes.length;
    this.focusOn(panes[index] ?? 'files');
  }

  openHelp(): void {
    this.#help = 0;
    this.#repainter.now();
  }

  closeHelp(): void {
    this.#help = undefined;
    this.#repainter.now();
  }

  /** @param length lines of the whole help page. */
  scrollHelp(move: Move, length: number): void {
    const page = helpRoom(this.#size);
    const last = Math.max(0, length - page);
    const step =
      'to' in move ? (move.to === 'top' ? -last : last) : move.count * stepOf(move, page);
    this.#help = Math.max(0, Math.min(last, (this.#help ?? 0) + step));
    this.#repainter.now();
  }

  #arrange(): void {
    this.#layout = layoutFor(this.#size, this.#focus);
    const {files, transfers} = this.#layout.panes;
    this.#options.files.resize(Math.max(1, innerRows(files)));
    this.#options.transfers.resize(Math.max(1, innerRows(transfers)));
  }
}

/** Lines of one step on a page of so many. */
function stepOf({by}: Extract<Move, {by: string}>, page: number): number {
  return by === 'row' ? 1 : by === 'half' ? Math.ceil(page / 2) : page;
}
