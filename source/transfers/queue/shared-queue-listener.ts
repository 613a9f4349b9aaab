import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {Row} from './rows/row.ts';

export type SharedQueueListener = {
  /** This process is the worker from now on. */
  works(): void;
  /** Rows are new in the worker. */
  added(rows: readonly Row[]): void;
  /** Do as a companion wishes. */
  carryOut(wish: Wish): WishAnswer;
  /** Something was read, or the worker is another. */
  changed(): void;
  /** Others may have set limits. */
  looked(): void;
};
