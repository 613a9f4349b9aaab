/** Where the keys go, and how the screen is divided: the focus and the size. */
import {
  headRows,
  type Layout,
  layoutFor,
  type Pane,
  panes,
  resultHeadRows,
  type Size,
} from './layout.ts';
import type {Repainter} from './repainter.ts';

/** A pane with rows: it is told how many there is room for. */
type Resizable = {resize(rows: number): void};

type PanesOptions = {
  readonly size: Size;
  readonly files: Resizable;
  /** The list of the verifier. */
  readonly results: Resizable;
  /** The cursor in the transfers follows the work once the keys go elsewhere. */
  readonly transfers: Resizable & {
    readonly total: number;
    readonly worthShowing: number;
    release(): void;
  };
};

export class Panes {
  readonly #options: PanesOptions;
  readonly #repainter: Repainter;
  #size: Size;
  #layout: Layout;
  #focus: Pane = 'files';

  constructor(options: PanesOptions, repainter: Repainter) {
    this.#options = options;
    this.#repainter = repainter;
    this.#size = options.size;
    this.#layout = this.#arrange();
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

  resize(size: Size): void {
    this.#size = size;
    this.fit();
    this.#repainter.now();
  }

  focusOn(pane: Pane): void {
    // Also where the keys were already: the wheel moves the transfers without them.
    if (pane !== 'transfers') {
      this.#options.transfers.release();
    }

    this.#focus = pane;
    this.fit();
    this.#repainter.now();
  }

  /** Give the keys to the pane so many places after the one that has them. */
  focusNext(by: 1 | -1): void {
    const index = (panes.indexOf(this.#focus) + by + panes.length) % panes.length;
    this.focusOn(panes[index] ?? 'files');
  }

  /** Divide the screen anew: panes may have more to show, or less. */
  fit(): void {
    this.#layout = this.#arrange();
  }

  #arrange(): Layout {
    const {files: filesPane, transfers: transfersPane, results} = this.#options;
    const {total, worthShowing} = transfersPane;
    const wanted = this.#focus === 'transfers' ? total : worthShowing;
    const layout = layoutFor(this.#size, this.#focus, {transfers: wanted});
    const {files, verifier, transfers} = layout.panes;
    filesPane.resize(Math.max(1, files.rows - headRows(files)));
    results.resize(Math.max(1, verifier.rows - resultHeadRows(verifier)));
    transfersPane.resize(Math.max(1, transfers.rows));
    return sameLayout(layout, this.#layout) ? this.#layout : layout;
  }
}

/** What is drawn from a layout is drawn again only for another one. */
function sameLayout(layout: Layout, before: Layout | undefined): before is Layout {
  return (
    layout.mode === before?.mode &&
    panes.every(pane => {
      const {left, top, columns, rows} = layout.panes[pane];
      const old = before.panes[pane];
      return left === old.left && top === old.top && columns === old.columns && rows === old.rows;
    })
  );
}
