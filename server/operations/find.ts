/** Answers `find`: files, and on request folders, whose paths match masks. */
import type {Buffer} from 'node:buffer';
import {displayName} from '../../protocol/display-text.ts';
import {type CheckedRequests, encodeAnswer, type Unsearched} from '../../protocol/messages.ts';
import {pathToWire, type RemotePath} from '../../protocol/remote-path.ts';
import type {ClientLog} from '../output/client-log.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import type {Operation} from './exchange.ts';

const nothing: Unsearched = {count: 0, first: []};

/** The most unsearched places in one log line. */
const mostLogged = 10;

export const find: Operation<CheckedRequests['find']> = async (
  {masks, path, folders},
  {deadlines, log, output, peer, signal, store},
) => {
  const totals = {count: 0, bytes: 0};
  const sign = () => output.send(encodeAnswer('progress', {done: totals.count}));
  const frames = store.find({masks, path, folders}, {peer, signal});
  try {
    for (;;) {
      const next = await withSignsOfLife(frames.next(), deadlines.progressMs, sign);
      if (next.done) {
        await output.send(encodeEnd(totals, next.value));
        logUnsearched(next.value, path, log);
        break;
      }

      const {frame, files, bytes} = next.value;
      await output.send(frame);
      totals.count += files;
      totals.bytes += bytes;
    }
  } finally {
    // A running search ends with `signal`; do not wait for it here.
    frames.return(nothing).catch(() => {});
  }
};

function encodeEnd(totals: {count: number; bytes: number}, unsearched: Unsearched): Buffer {
  const {count, first} = unsearched;
  const named = first.map(({name, code}) => ({name: pathToWire(name), code}));
  return encodeAnswer('end', count === 0 ? totals : {...totals, unsearched: {count, first: named}});
}

/** Log the places that a search could not read. */
export function logUnsearched({count, first}: Unsearched, path: RemotePath, log: ClientLog): void {
  if (count > 0) {
    const named = first.slice(0, mostLogged).map(({name, code}) => `${displayName(name)}: ${code}`);
    log.write(
      'warn',
      {path: displayName(path), count, first: named},
      'a search could not read every folder',
    );
  }
}
