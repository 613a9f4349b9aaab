/** Files, and folders if they are asked for, whose paths match masks. */
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import type {Operation} from './exchange.ts';

export const find: Operation<CheckedRequests['find']> = async (
  {masks, path, folders},
  {deadlines, output, peer, signal, store},
) => {
  const totals = {count: 0, bytes: 0};
  const sign = () => output.send(encodeAnswer('progress', {done: totals.count}));
  const frames = store.find({masks, path, folders}, {peer, signal})[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await withSignsOfLife(frames.next(), deadlines.progressMs, sign);
      if (next.done) {
        break;
      }

      const {frame, files, bytes} = next.value;
      await output.send(frame);
      totals.count += files;
      totals.bytes += bytes;
    }

    await output.send(encodeAnswer('end', totals));
  } finally {
    // A search that is under way ends with `signal`; nobody waits for it here.
    frames.return?.().catch(() => {});
  }
};
