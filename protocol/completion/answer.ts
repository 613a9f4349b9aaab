/** What a shell may put in the place of the word at its cursor. */

export type Candidate = {
  /** The whole word, as the program reads it: without quotes. */
  readonly text: string;
  /** What it is, for shells that show that beside it. */
  readonly about?: string | undefined;
};

/** Words that the program knows; beside them local names, if such may stand there: of these the shell knows best. */
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

/** Those of the words that begin with `begun`. */
export function plainWords(words: readonly string[], begun: string): Answer {
  return wordsOf(
    words.map(text => ({text})),
    begun,
  );
}
