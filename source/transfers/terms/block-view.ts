/** The blocks of a file while something works on them: seen as they are at the moment, not kept. */

/**
 * `good`: it is here, and was compared. `bad`: it differs. `missing`: it is not here. `arriving`: it was asked for.
 * `read`: its digest is known here, and not yet there. `unread`: nothing is known.
 */
export type BlockState = 'good' | 'bad' | 'missing' | 'arriving' | 'read' | 'unread';

export type BlockView = {
  /** Number of blocks. */
  readonly count: number;
  readonly at: (index: number) => BlockState;
};
