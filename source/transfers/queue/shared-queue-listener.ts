import type {BlockView} from '../terms/block-view.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {Row} from './rows/row.ts';

export type SharedQueueListener = {
  /** This process is the worker from now on. */
  works(): void;
  /** The worker has new rows. */
  added(rows: Iterable<Row>): void;
  /** Carry out the wish of a companion. */
  carryOut(wish: Wish): WishAnswer;
  /** Rows were read, or the worker has changed. */
  changed(): void;
  /** The blocks of a file that this process is downloading. */
  blocksOf(id: number): BlockView | undefined;
  /** Other processes may have set limits. */
  looked(): void;
};
