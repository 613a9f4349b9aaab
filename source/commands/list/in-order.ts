/** The order in which `list` prints entries: as on the full screen, folders first. */
import {JangadaError} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import type {SortKey} from '../arguments/option-catalogue.ts';
import type {Options} from '../arguments/option-values.ts';

/** Most entries that are sorted without a request; a larger folder is printed in the order in which it arrives. */
const mostUnasked = 10_000;

/** Most entries that are sorted at all: this bounds memory. */
const mostAsked = 1_000_000;

/**
 * All entries sorted, or in their order of arrival if there are too many.
 *
 * @throws JangadaError `too_large` for too many entries if the user asked for an order.
 */
export async function* inOrder(
  batches: AsyncIterable<readonly Entry[]>,
  {sort, reverse, written}: Pick<Options, 'sort' | 'reverse' | 'written'>,
): AsyncGenerator<readonly Entry[]> {
  const isAsked = written.sort !== undefined || reverse;
  const kept: Entry[] = [];
  let isStreaming = false;
  for await (const batch of batches) {
    if (isStreaming) {
      yield batch;
      continue;
    }

    for (const entry of batch) {
      kept.push(entry);
    }

    if (isAsked && kept.length > mostAsked) {
      throw new JangadaError(
        'too_large',
        'The folder has more than 1,000,000 entries, too many for jangada to sort. Leave out --sort and --reverse, and sort the printed lines',
      );
    }

    if (!isAsked && kept.length > mostUnasked) {
      isStreaming = true;
      yield kept.splice(0);
    }
  }

  yield kept.sort(comparator(sort, reverse));
}

const collator = new Intl.Collator(undefined, {numeric: true});

/**
 * By `key`, then by name. With `reverse` the order is reversed, but folders come first, and entries with equal keys
 * stay in the order of names.
 */
function comparator(key: SortKey, reverse: boolean): (one: Entry, other: Entry) => number {
  const sign = reverse ? -1 : 1;
  const byName = (one: Entry, other: Entry) => collator.compare(one.name, other.name);
  const byKey = {
    name: byName,
    size: (one: Entry, other: Entry) => one.size - other.size,
    time: (one: Entry, other: Entry) => one.mtimeMs - other.mtimeMs,
  }[key];
  return (one, other) => {
    const folders = Number(other.type === 'folder') - Number(one.type === 'folder');
    return folders || byKey(one, other) * sign || byName(one, other);
  };
}
