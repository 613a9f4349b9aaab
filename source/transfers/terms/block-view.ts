/** A live view of the blocks of a file that is being worked on; nothing is stored. */

/**
 * `good`: the block is here and was compared. `bad`: it differs. `missing`: it is not here. `arriving`: it was
 * requested. `read`: its local digest is known, the server's not yet. `unread`: nothing is known.
 */
export type BlockState = 'good' | 'bad' | 'missing' | 'arriving' | 'read' | 'unread';

export type BlockView = {
  /** Number of blocks. */
  readonly count: number;
  readonly at: (index: number) => BlockState;
};
