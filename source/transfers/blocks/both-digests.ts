/** The digests of a local file and those of the remote one, computed on both sides at once. */
import type {Buffer} from 'node:buffer';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {Client, Digests} from '../../client/client.ts';
import type {Checker} from '../hashing/checker.ts';
import type {Span} from './block-plan.ts';
import type {RemoteVersion} from './remote-blocks.ts';

export type BothDigestsJob = RemoteVersion & {
  /** An open file, of which so many bytes are hashed. */
  local: {fd: number; path: string; size: number};
  /** Blocks of the remote file. */
  span: Span;
};

/**
 * Both, once both are there. Nothing uses the descriptor any more when this is over.
 *
 * @param onProgress is told local bytes hashed so far.
 * @throws JangadaError `aborted`, `local_io`, `changed` if the remote file is not `version`, whatever
 * the server says. A side that fails stops the other.
 */
export async function bothDigests(
  {local, remotePath, version, span, algorithm}: BothDigestsJob,
  tools: {client: Client; checker: Checker},
  options: {signal: AbortSignal; onProgress(bytes: number): void},
): Promise<{here: Buffer; there: Digests}> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const stopBoth = (error: unknown) => {
    stop.abort();
    throw error;
  };
  const {onProgress} = options;
  const [here, there] = await Promise.allSettled([
    tools.checker.digests(local, algorithm, {signal, onProgress}).catch(stopBoth),
    tools.client
      .digests(remotePath, {from: span.first, to: span.end, algorithm, version, signal})
      .catch(stopBoth),
  ]);
  if (here.status === 'fulfilled' && there.status === 'fulfilled') {
    return {here: here.value, there: there.value};
  }

  const reasons = [there, here].flatMap(side => (side.status === 'rejected' ? [side.reason] : []));
  // The one that was stopped is not why.
  throw reasons.find(reason => !isJangadaError(reason, 'aborted')) ?? reasons[0];
}
