/** Finds the first byte at which a local copy differs from the file of a server. */
import {Buffer} from 'node:buffer';
import {closeSync, read} from 'node:fs';
import {promisify} from 'node:util';
import {blockLength, blockSize} from '../../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import type {Client} from '../../../client/client.ts';
import {openLocal} from '../../disk/open-local.ts';
import {oneBlock} from '../first-block.ts';
import type {VerifyReport} from '../verify.ts';

const readAt = promisify(read);

/** Index of the first block that differs; undefined if none does. */
export function firstBadBlock({blocks}: Pick<VerifyReport, 'blocks'>): number | undefined {
  const index = blocks.findIndex(verdict => verdict !== 'good');
  return index === -1 ? undefined : index;
}

/**
 * Fetch the first block that differs, and compare it byte by byte.
 *
 * @returns the offset in bytes; undefined if the files have become equal there.
 * @throws JangadaError `changed`, `local_io`, `aborted`, any error of the server.
 */
export async function firstDifference(
  client: Client,
  report: VerifyReport,
  {signal}: {signal: AbortSignal},
): Promise<number | undefined> {
  const {remotePath, localFile, localSize, remoteSize, compared} = report;
  const block = firstBadBlock(report);
  if (block === undefined) {
    return localSize === remoteSize ? undefined : Math.min(localSize, remoteSize);
  }

  const start = block * blockSize;
  if (Math.min(localSize, remoteSize) <= start) {
    return Math.min(localSize, remoteSize);
  }

  const version = compared?.remote.version;
  const there = await oneBlock(client, remotePath, {
    index: block,
    size: remoteSize,
    version,
    signal,
  });
  const here = await localBlock(localFile, start, blockLength(localSize, block), signal);
  const shorter = Math.min(here.length, there.length);
  for (let index = 0; index < shorter; index++) {
    if (here[index] !== there[index]) {
      return start + index;
    }
  }

  return here.length === there.length ? undefined : start + shorter;
}

/** @throws JangadaError `local_io`, `aborted`. */
async function localBlock(
  file: string,
  start: number,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const fd = await openLocal(file, signal);
  try {
    const buffer = Buffer.allocUnsafe(length);
    const {bytesRead} = await readAt(fd, buffer, 0, length, start);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw isJangadaError(error)
      ? error
      : new JangadaError('local_io', 'The local copy cannot be read', {cause: error});
  } finally {
    closeSync(fd);
  }
}
