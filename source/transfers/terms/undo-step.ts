/** A step of a user that can be undone. */
export type UndoStep = {
  readonly did: 'clear' | 'cancel';
  /** The transfers that were cleared or canceled. */
  readonly ids: readonly number[];
  /** Bytes of partials that were deleted with them. */
  readonly deletedBytes: number;
};
