/** The hash of a file's first bytes, which is remembered for the next request. */
import {startHash} from '../../protocol/block.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {HashQuestion, StoredFile} from '../store/store.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged} from './refuse-changed.ts';
import {withFile} from './with-file.ts';

type HashRequest = CheckedRequests['hash'];

export const hash: Operation<HashRequest> = (request, exchange) =>
  withFile(exchange.store, request.path, file => answer(request, file, exchange));

async function answer(request: HashRequest, file: StoredFile, exchange: Exchange): Promise<void> {
  // Threads do not tell why they cannot.
  startHash(request.algorithm);
  const {hashes, output} = exchange;
  const {size, version, identity} = file;
  const length = Math.min(request.length ?? size, size);
  const question = {algorithm: request.algorithm, length};
  const digest = hashes.get(file, question) ?? (await compute(file, question, exchange));
  await refuseChanged(request.path, file);
  if (identity !== undefined) {
    hashes.set(identity, question, digest);
  }

  await output.send(encodeAnswer('hashed', {digest, length, size, version}));
}

async function compute(
  file: StoredFile,
  question: HashQuestion,
  {deadlines, output, peer, signal}: Exchange,
): Promise<string> {
  const stop = new AbortController();
  let done = 0;
  const computing = file.hash(question, {
    peer,
    signal: AbortSignal.any([signal, stop.signal]),
    progress(bytes) {
      done = bytes;
    },
  });
  try {
    return await withSignsOfLife(computing, deadlines.progressMs, () =>
      output.send(encodeAnswer('progress', {done, total: question.length})),
    );
  } finally {
    stop.abort();
    // The file may be closed only when nothing reads it; the error is thrown above.
    await computing.catch(() => {});
  }
}
