/** Files, and folders if they are asked for, whose paths match masks, as a worker finds them. */
import {Buffer} from 'node:buffer';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {FoundFrame} from '../store/folder/find/find-pool.ts';
import {notAFolder} from '../store/store-errors.ts';
import {Bell} from '../waiting/bell.ts';
import type {Exchange, Operation} from './exchange.ts';

type Found = {frame: FoundFrame; more: () => void};

export const find: Operation<CheckedRequests['find']> = async (
  {masks, path, folders},
  exchange,
) => {
  const {findPool, peer, signal, store} = exchange;
  if (store.stat(path).type !== 'folder') {
    throw notAFolder(path);
  }

  const bell = new Bell();
  const waiting: Found[] = [];
  let ended = false;
  const stop = new AbortController();
  const searching = findPool
    .run(
      {root: store.root, path, masks, folders},
      {
        peer,
        signal: AbortSignal.any([signal, stop.signal]),
        found(frame, more) {
          waiting.push({frame, more});
          bell.ring();
        },
      },
    )
    .finally(() => {
      ended = true;
      bell.ring();
    });
  searching.catch(() => {});
  try {
    const totals = await sendFound(waiting, bell, () => ended, exchange);
    await searching;
    await exchange.output.send(encodeAnswer('end', totals));
  } finally {
    stop.abort();
  }
};

/** Send what is found, and signs of life while nothing is. */
async function sendFound(
  waiting: Found[],
  bell: Bell,
  ended: () => boolean,
  {deadlines, output}: Exchange,
): Promise<{count: number; bytes: number}> {
  const totals = {count: 0, bytes: 0};
  let sentAt = performance.now();
  for (;;) {
    const last = ended();
    const next = waiting.shift();
    if (next !== undefined) {
      const {frame, count, bytes} = next.frame;
      await output.send(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
      totals.count += count;
      totals.bytes += bytes;
      next.more();
      sentAt = performance.now();
    } else if (last) {
      return totals;
    } else if (performance.now() - sentAt >= deadlines.progressMs) {
      await output.send(encodeAnswer('progress', {done: totals.count}));
      sentAt = performance.now();
    } else {
      await bell.wait(deadlines.progressMs);
    }
  }
}
