/** The messages between a search and the thread that matches names. */

export type MatchTask = {
  masks: readonly string[];
  names: readonly string[];
  /** For each name, whether it is a folder. */
  folders: readonly boolean[];
};

/** For each name, 1 if it matches, else 0. */
export type MatchAnswer = Uint8Array;
