/** The first of `count` sentences, which says that it is one of several; undefined if there is none. */
export function firstOf(first: string | undefined, count: number): string | undefined {
  return count > 1 ? `${first} (the first of several)` : first;
}
