import type {SortKey} from '../../model/files/table/entry-table.ts';
import type {Pane} from '../../model/layout.ts';

/** The thing at a place of the screen, as far as the mouse can use it. */
export type Target =
  /** The rows of a pane: a line of them, from 0, or its title. */
  | {readonly on: 'pane'; readonly pane: Pane; readonly line: number | undefined}
  /** The head of a column of the files. */
  | {readonly on: 'head'; readonly sort: SortKey}
  /** The words of a key: in the bottom line, or in an answer. */
  | {readonly on: 'key'; readonly key: string}
  /** A row of the screen of servers: the index of the server, and the line. */
  | {readonly on: 'server'; readonly server: number; readonly line: number}
  | {readonly on: 'nothing'};
