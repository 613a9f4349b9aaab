/** The focus, and how the screen is divided. */
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

/** A pane with rows; it is told how many fit. */
type Resizable = {resize(rows: number): void};

type PanesOptions = {
  readonly size: Size;
  readonly files: Resizable;
  /** The list of the verifier. */
  readonly results: Resizable;
  /** The cursor in the transfers follows the work again once the focus leaves the pane. */
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

  /** The pane that has the focus. */
  get focus(): Pane {
    return this.#focus;
  }

  resize(size: Size): void {
    this.#size = size;
    this.fit();
    this.#repainter.now();
  }

  focusOn(pane: Pane): void {
    // This also applies if the pane has the focus already: the wheel moves the transfers without the focus.
    if (pane !== 'transfers') {
      this.#options.transfers.release();
    }

    this.#focus = pane;
    this.fit();
    this.#repainter.now();
  }

  /** Move the focus by so many panes. */
  focusNext(by: 1 | -1): void {
    const index = (panes.indexOf(this.#focus) + by + panes.length) % panes.length;
    this.focusOn(panes[index] ?? 'files');
  }

  /** Divide the screen again: panes may have more to show, or less. */
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

/** A layout that equals the last one is not drawn again. */
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
