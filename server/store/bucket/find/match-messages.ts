/** What a search and the thread that matches names tell each other. */

export type MatchTask = {
  masks: readonly string[];
  names: readonly string[];
  /** Of each name whether it is one of a folder. */
  folders: readonly boolean[];
};

/** Of each name 1 if it matches, else 0. */
export type MatchAnswer = Uint8Array;
