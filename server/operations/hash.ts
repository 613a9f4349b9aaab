/** Answers `hash`: the hash of a file's first bytes, remembered for the next request. */
import {startHash} from '../../protocol/block.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {HashQuestion, StoredFile} from '../store/store.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged} from './refuse-changed.ts';
import {withFile} from './with-file.ts';

type HashRequest = CheckedRequests['hash'];

export const hash: Operation<HashRequest> = (request, exchange) =>
  withFile(exchange, request.path, file => answer(request, file, exchange));

async function answer(request: HashRequest, file: StoredFile, exchange: Exchange): Promise<void> {
  const {output} = exchange;
  const {size, version} = file;
  const length = Math.min(request.length ?? size, size);
  const question = {algorithm: request.algorithm, length};
  const digest = await hashOf({path: request.path, file, question}, exchange, done =>
    output.send(encodeAnswer('progress', {done, total: length})),
  );
  await output.send(encodeAnswer('hashed', {digest, length, size, version}));
}

type Hashed = {path: RemotePath; file: StoredFile; question: HashQuestion};

/**
 * A hash in hexadecimal. During the computation, calls `sign` from time to time with the number of bytes done.
 *
 * @throws JangadaError `bad_request` for an algorithm that is not available; `changed`; `aborted`.
 */
export async function hashOf(
  {path, file, question}: Hashed,
  exchange: Exchange,
  sign: (done: number) => Awaitable<void>,
): Promise<string> {
  // Check here, because threads do not report the reason.
  startHash(question.algorithm);
  const {hashes} = exchange;
  const digest = hashes.get(file, question) ?? (await compute(file, question, exchange, sign));
  await refuseChanged(path, file);
  hashes.set(file, question, digest);

  return digest;
}

async function compute(
  file: StoredFile,
  question: HashQuestion,
  {deadlines, peer, signal}: Exchange,
  sign: (done: number) => Awaitable<void>,
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
    return await withSignsOfLife(computing, deadlines.progressMs, () => sign(done));
  } finally {
    stop.abort();
    // The caller closes the file, so wait until nothing reads it. The error was thrown above.
    await computing.catch(() => {});
  }
}
