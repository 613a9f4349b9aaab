import type {Buffer} from 'node:buffer';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import {EntryFrames} from '../store/entry-frames.ts';
import type {Operation} from './exchange.ts';

/** The entries of a folder, as they are read; the first ones at once. */
export const list: Operation<CheckedRequests['list']> = async ({path}, exchange) => {
  const {output, store, signal} = exchange;
  const frames = new EntryFrames();
  const send = async (frame: Buffer | undefined) => {
    if (frame !== undefined) {
      await output.send(frame);
    }
  };
  let first = true;
  for await (const entries of store.list(path, signal)) {
    for (const entry of entries) {
      await send(frames.add(entry));
    }

    if (first && entries.length > 0) {
      first = false;
      await send(frames.rest());
    }
  }

  await send(frames.rest());
  await output.send(encodeAnswer('end', {count: frames.count}));
};
