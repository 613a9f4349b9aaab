/** Checks whether the file with the final name is already complete. */
import {closeSync, fstatSync, openSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {checkRoot} from '../blocks/check-root.ts';
import type {RemoteBlocks} from '../blocks/remote-blocks.ts';
import {hashStock, type StockOptions} from '../blocks/take-stock.ts';
import {isOtherTime, type OtherTime, setTime} from '../disk/file-time.ts';
import {demoteToPartial} from '../disk/final-name.ts';
import type {OpenFolder} from '../disk/folders/target-folder.ts';
import {partialName} from '../disk/local-name.ts';
import {lookAt, openForReading, writeFlags} from '../disk/look-at.ts';
import {unexpected} from '../terms/expected-content.ts';
import {stateOf} from '../terms/file-state.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import type {DownloadJob, DownloadTools} from './download-job.ts';
import {looksLike} from './settle-conflict.ts';

/**
 * The file is complete. `otherTime`: the time that it has, if the remote file's time cannot be set. `state`: see
 * `stateOf`.
 */
export type CompleteFile = {
  kind: 'complete';
  sha256: string | undefined;
  state: string;
  otherTime: OtherTime | undefined;
};

/** The file was turned into the partial. */
export type DemotedFile = {kind: 'demoted'; stats: Stats};

/** The file is not complete, and cannot change: it stays until a new one is complete, which can take blocks from it. */
type KeptFile = {kind: 'kept'};

/** The remote file to compare with, and its time in milliseconds since 1970. */
export type Remote = RemoteBlocks & {mtimeMs: number};

/**
 * With `resume`, check the file that has the final name. A complete file stays, and gets the time of the remote file.
 * An incomplete one becomes the partial, with its good blocks done in the plan, if it can change.
 *
 * @param name the final name, which `rename` may have chosen.
 * @param options.onProgress called with the number of bytes hashed, and of bytes to hash.
 * @returns undefined if no file has the final name, or there is a partial beside it.
 * @throws JangadaError
 */
export async function checkFinal(
  job: DownloadJob,
  name: string,
  remote: Remote,
  tools: DownloadTools,
  options: StockOptions,
): Promise<CompleteFile | DemotedFile | KeptFile | undefined> {
  const {folder, onConflict} = job;
  if (
    onConflict !== 'resume' ||
    lookAt(folder, name).kind !== 'file' ||
    lookAt(folder, partialName(name)).kind !== 'nothing'
  ) {
    return undefined;
  }

  const checked = await check(job, name, remote, tools, options);
  if (checked.kind === 'complete') {
    return checked;
  }

  if (!canChange(folder, name)) {
    return {kind: 'kept'};
  }

  demoteToPartial(folder, name);
  return {kind: 'demoted', stats: checked.stats};
}

/**
 * Whether the file can be written, and has only this name: a second name would get the changes, too. If not, the file must
 * keep its name until another file is complete.
 *
 * @throws JangadaError `local_io`.
 */
function canChange(folder: OpenFolder, name: string): boolean {
  try {
    const fd = openSync(folder.at(name), writeFlags);
    try {
      return fstatSync(fd).nlink === 1;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'ETXTBSY')) {
      return false;
    }

    throw localError(error, join(folder.path, name));
  }
}

/**
 * Check whether the file with the final name is one that an earlier process fetched and named, but could not report as
 * done. Such a file stays.
 *
 * @returns undefined if it is not such a file, or not complete.
 * @throws JangadaError
 */
export async function checkOwn(
  job: DownloadJob,
  name: string,
  remote: Remote,
  tools: DownloadTools,
  options: StockOptions,
): Promise<CompleteFile | undefined> {
  const {folder, onConflict, begun} = job;
  const {mtimeMs, plan} = remote;
  const mayBeOwn = begun === true && (onConflict === 'fail' || onConflict === 'rename');
  if (!mayBeOwn || !looksLike(folder, name, {size: plan.size, mtimeMs})) {
    return undefined;
  }

  const checked = await check(job, name, remote, tools, options);
  return checked.kind === 'complete' ? checked : undefined;
}

/**
 * Mark the good blocks of a file as done in the plan. A complete file gets the remote time.
 *
 * @throws JangadaError `unexpected` if the file is complete and does not have the expected SHA-256.
 */
async function check(
  {folder, expect}: DownloadJob,
  name: string,
  blocks: Remote,
  tools: DownloadTools,
  {signal, onProgress}: StockOptions,
): Promise<CompleteFile | {kind: 'incomplete'; stats: Stats}> {
  const fd = openForReading(folder, name);
  const stats = fstatSync(fd);
  const {plan} = blocks;
  try {
    const path = join(folder.path, name);
    const {size} = stats;
    await using sum = size === plan.size ? tools.checksums?.follow({fd, path}) : undefined;
    // The file is read for two hashes at the same time, because it is usually complete.
    sum?.reach(size);
    const root = await hashStock({fd, path, size}, blocks, tools, {
      signal,
      onProgress: (bytes, total) => onProgress(Math.min(bytes, sum?.hashedBytes ?? bytes), total),
    });
    if (plan.complete && size === plan.size) {
      const wrong = await checkRoot(root, blocks, tools.client, signal);
      if (wrong !== undefined) {
        throw wrong;
      }

      const sha256 = await sum?.digest(size, {
        signal,
        onProgress: bytes => onProgress(bytes, size),
      });
      if (expect?.kind === 'sha256' && sha256 !== expect.hex) {
        const actual = {...expect, hex: sha256 ?? ''};
        throw unexpected('The file here is the same as on the server: both have', actual, expect);
      }

      checkUntouched(fd, stats);
      const isLate = isOtherTime(stats.mtimeMs, blocks.mtimeMs);
      const otherTime = isLate ? giveTime(fd, path, blocks.mtimeMs) : undefined;
      const state = stateOf(fstatSync(fd, {bigint: true}));
      return {kind: 'complete', sha256, state, otherTime};
    }
  } finally {
    closeSync(fd);
  }

  return {kind: 'incomplete', stats};
}

/**
 * Set the time of an open file to `mtimeMs`. @returns the time that it has instead, if any. @throws JangadaError
 * `local_io`.
 */
export function giveTime(fd: number, path: string, mtimeMs: number): OtherTime | undefined {
  try {
    return setTime(fd, mtimeMs);
  } catch (error) {
    throw localError(error, path);
  }
}

/** Make sure that the checked file is the one that was hashed. @throws JangadaError `changed`. */
export function checkUntouched(fd: number, before: Stats): void {
  const {size, mtimeMs} = fstatSync(fd);
  if (size !== before.size || mtimeMs !== before.mtimeMs) {
    throw new JangadaError('changed', 'The local file changed while it was checked');
  }
}
