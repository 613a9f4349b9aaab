import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {EntryFrames} from '../store/entry-frames.ts';
import type {Operation} from './exchange.ts';

/** Answers `list`: sends the entries of a folder while it is read; the first ones at once. */
export const list: Operation<CheckedRequests['list']> = async ({path}, exchange) => {
  const {output, store, signal} = exchange;
  const frames = new EntryFrames();
  let count = 0;
  const send = async (full = frames.rest()) => {
    if (full !== undefined) {
      await output.send(full.frame);
    }
  };
  for await (const entries of store.list(path, signal)) {
    const first = count === 0 && entries.length > 0;
    count += entries.length;
    for (const entry of entries) {
      const full = frames.add(entry);
      if (full !== undefined) {
        await send(full);
      }
    }

    if (first) {
      await send();
    }
  }

  await send();
  await output.send(encodeAnswer('end', {count}));
};
