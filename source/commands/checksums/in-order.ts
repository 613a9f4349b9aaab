import {availableParallelism} from 'node:os';

/**
 * The results of `work` for `items`, in their order, with at most `atOnce` items at the same time.
 *
 * @throws the error of `work`, once work on all other items has ended.
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
      // The rejection is handled when the turn of its item comes.
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
