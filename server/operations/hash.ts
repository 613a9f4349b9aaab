/** The hash of a file's first bytes, computed by a worker, remembered for the next who asks. */
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {HashQuestion} from '../indexes/hash-index.ts';
import type {StoredFile} from '../store/store.ts';
import {Bell} from '../waiting/bell.ts';
import type {Exchange, Operation} from './exchange.ts';
import {changed, refuseChanged} from './refuse-changed.ts';

type HashRequest = CheckedRequests['hash'];

export const hash: Operation<HashRequest> = async (request, exchange) => {
  const file = exchange.store.open(request.path);
  try {
    const {size, version, identity} = file;
    const length = Math.min(request.length ?? size, size);
    const question = {algorithm: request.algorithm, length};
    const known = exchange.hashes.get(file, question);
    const digest = known ?? (await compute(request.path, file, question, exchange));
    refuseChanged(request.path, file);
    if (identity !== undefined) {
      exchange.hashes.set(identity, question, digest);
    }

    await exchange.output.send(encodeAnswer('hashed', {digest, length, size, version}));
  } finally {
    file.close();
  }
};

async function compute(
  path: string,
  {descriptor}: StoredFile,
  {algorithm, length}: HashQuestion,
  {deadlines, hashPool, output, peer, signal}: Exchange,
): Promise<string> {
  const bell = new Bell();
  const stop = new AbortController();
  let done = 0;
  let ended = false;
  const computing = hashPool
    .run(
      {kind: 'hash', descriptor, length, algorithm},
      {
        peer,
        signal: AbortSignal.any([signal, stop.signal]),
        progress(report) {
          done = report.done;
        },
      },
    )
    .finally(() => {
      ended = true;
      bell.ring();
    });
  computing.catch(() => {});
  try {
    for (await bell.wait(deadlines.progressMs); !ended; await bell.wait(deadlines.progressMs)) {
      await output.send(encodeAnswer('progress', {done, total: length}));
    }
  } finally {
    stop.abort();
    // The descriptor must stay open until the worker has let go of it.
    await computing.catch(() => {});
  }

  const result = await computing;
  if (result === 'short' || result.digest === undefined) {
    throw changed(path);
  }

  return result.digest;
}
