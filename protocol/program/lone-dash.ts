/**
 * The `words` of a command line, with a lone dash after an option joined to it as its value. Otherwise the parser would
 * take the dash for an argument, and miss the value.
 *
 * @param takesValue whether the option `word`, such as `--to` or `-o`, takes a value.
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
