/** What a shell may insert for the word at its cursor. */

export type Candidate = {
  /** The whole word, as the program reads it: without quotes. */
  readonly text: string;
  /** A description, for shells that show one. */
  readonly about?: string | undefined;
};

/** The words that the program knows; the shell adds local names if `kind` allows them. */
export type Answer = {
  readonly kind: 'words' | 'files' | 'folders';
  readonly words: readonly Candidate[];
};

export const nothing: Answer = {kind: 'words', words: []};
export const localFiles: Answer = {kind: 'files', words: []};
export const localFolders: Answer = {kind: 'folders', words: []};

/** The candidates that begin with `begun`. */
export function wordsOf(words: readonly Candidate[], begun: string): Answer {
  return {kind: 'words', words: words.filter(({text}) => text.startsWith(begun))};
}

/** The `words` that begin with `begun`. */
export function plainWords(words: readonly string[], begun: string): Answer {
  return wordsOf(
    words.map(text => ({text})),
    begun,
  );
}
