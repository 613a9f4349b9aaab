import type {BlockView} from '../terms/block-view.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {Row} from './rows/row.ts';

export type SharedQueueListener = {
  /** This process is the worker from now on. */
  works(): void;
  /** Rows are new in the worker. */
  added(rows: Iterable<Row>): void;
  /** Do as a companion wishes. */
  carryOut(wish: Wish): WishAnswer;
  /** Something was read, or the worker is another. */
  changed(): void;
  /** The blocks of a file that this process works on. */
  blocksOf(id: number): BlockView | undefined;
  /** Others may have set limits. */
  looked(): void;
};
