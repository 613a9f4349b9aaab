/** What a shell may put in the place of the word at its cursor. */

export type Candidate = {
  /** The whole word, as the program reads it: without quotes. */
  readonly text: string;
  /** What it is, for shells that show that beside it. */
  readonly about?: string | undefined;
};

/** Words that the program knows; or local names, which the shell itself knows best. */
export type Answer =
  | {readonly kind: 'words'; readonly words: readonly Candidate[]}
  | {readonly kind: 'files'}
  | {readonly kind: 'folders'};

export const nothing: Answer = {kind: 'words', words: []};

/** The candidates that begin with `begun`. */
export function wordsOf(words: readonly Candidate[], begun: string): Answer {
  return {kind: 'words', words: words.filter(({text}) => text.startsWith(begun))};
}
