/**
 * `words` of a command line in which a lone dash behind an option is that option's value. The parser
 * would take it for an argument, and miss the value.
 *
 * @param takesValue whether the option in `word`, `--to` or `-o`, takes one.
 */
export function withDashValues(
  words: readonly string[],
  takesValue: (word: string) => boolean,
): string[] {
  const joined: string[] = [];
  for (const [at, word] of words.entries()) {
    const before = joined.at(-1);
    if (before === '--') {
      return [...joined, ...words.slice(at)];
    }

    if (word === '-' && before !== undefined && takesValue(before)) {
      joined[joined.length - 1] = `${before}=-`;
    } else {
      joined.push(word);
    }
  }

  return joined;
}
