import type {SortKey} from '../../model/files/table/entry-table.ts';
import type {Pane} from '../../model/layout.ts';

/** A place of the screen, as far as the mouse has a meaning there. */
export type Target =
  /** The rows of a pane: a line of them, from 0, or its title. */
  | {readonly on: 'pane'; readonly pane: Pane; readonly line: number | undefined}
  /** The head of a column of the files. */
  | {readonly on: 'head'; readonly sort: SortKey}
  /** Words that stand for a key: in the bottom line, or of an answer. */
  | {readonly on: 'key'; readonly key: string}
  | {readonly on: 'nothing'};
