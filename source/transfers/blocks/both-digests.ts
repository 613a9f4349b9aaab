/** Computes the digests of a local file and of the remote file, on both sides at the same time. */
import type {Buffer} from 'node:buffer';
import {type DigestAlgorithm, digestSize} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client, Digests} from '../../client/client.ts';
import type {Checker, FileToHash} from '../hashing/checker.ts';
import type {Span} from './block-plan.ts';

type BothDigestsJob = {
  local: FileToHash;
  remotePath: RemotePath;
  algorithm: DigestAlgorithm;
  /** The required version of the remote file. Default: any. */
  version?: string;
  /** Blocks of the remote file to compare. Default: all. */
  span?: Span;
  /** The digests of all blocks of the remote file, if they are known. Default: ask the server. */
  expected?: Digests | undefined;
};

/**
 * Both lists of digests, once both are complete. When this settles, no thread uses the local file any more.
 *
 * @param options.onProgress called with the local bytes hashed so far.
 * @throws JangadaError `aborted`, `local_io`, `changed` if the remote file does not have `version`, any error of the
 * server. If one side fails, the other is stopped.
 */
export async function bothDigests(
  {local, remotePath, algorithm, version, span, expected}: BothDigestsJob,
  {client, checker}: {client: Client; checker: Checker},
  options: {
    signal: AbortSignal | undefined;
    onProgress(bytes: number): void;
    /** Called with new digests of one side: 32 bytes for each block from `first` on. */
    onHere?(first: number, digests: Uint8Array): void;
    onThere?(first: number, digests: Uint8Array): void;
  },
): Promise<{here: Buffer; there: Digests}> {
  const stop = new AbortController();
  const signal =
    options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const stopBoth = (error: unknown) => {
    stop.abort();
    throw error;
  };
  const {onProgress, onHere, onThere} = options;
  const remote = {
    algorithm,
    signal,
    onDigests: onThere,
    ...(version === undefined ? {} : {version}),
    ...(span === undefined ? {} : {from: span.first, to: span.end}),
  };
  const [here, there] = await Promise.allSettled([
    checker.digests(local, algorithm, {signal, onProgress, onDigests: onHere}).catch(stopBoth),
    expected === undefined
      ? client.digests(remotePath, remote).catch(stopBoth)
      : partOf(expected, span, onThere),
  ]);
  if (here.status === 'fulfilled' && there.status === 'fulfilled') {
    return {here: here.value, there: there.value};
  }

  const reasons = [there, here].flatMap(side => (side.status === 'rejected' ? [side.reason] : []));
  // The side that was stopped is not the cause.
  throw reasons.find(reason => !isJangadaError(reason, 'aborted')) ?? reasons[0];
}

function partOf(
  all: Digests,
  {first, end}: Span = {first: 0, end: Number.POSITIVE_INFINITY},
  onThere: ((first: number, digests: Uint8Array) => void) | undefined,
): Digests {
  const digests = all.digests.subarray(first * digestSize, end * digestSize);
  onThere?.(first, digests);
  return {...all, digests};
}
