import {availableParallelism} from 'node:os';

/**
 * What `work` makes of each of `items`, in their order; a few are worked on at the same time.
 *
 * @throws what `work` throws, when nothing is worked on any more.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  atOnce = availableParallelism(),
): AsyncGenerator<Result> {
  const begun: Array<Promise<Result>> = [];
  try {
    for (const item of items) {
      const result = work(item);
      // Its turn to be heard may come later.
      result.catch(() => undefined);
      begun.push(result);
      if (begun.length >= atOnce) {
        yield await (begun.shift() as Promise<Result>);
      }
    }

    for (let next = begun.shift(); next !== undefined; next = begun.shift()) {
      yield await next;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
