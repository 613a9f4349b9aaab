/** Checks whether the file with the final name already has the expected content. */
import {closeSync, fstatSync} from 'node:fs';
import {join} from 'node:path';
import {
  availableAlgorithms,
  blockCount,
  type DigestAlgorithm,
  digestSize,
  rootDigest,
} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {BlockPlan} from '../blocks/block-plan.ts';
import type {StockOptions} from '../blocks/take-stock.ts';
import {isOtherTime} from '../disk/file-time.ts';
import {partialName} from '../disk/local-name.ts';
import {lookAt, openForReading} from '../disk/look-at.ts';
import {type ExpectedContent, unexpected} from '../terms/expected-content.ts';
import {stateOf} from '../terms/file-state.ts';
import {type CompleteFile, checkUntouched, giveTime} from './check-final.ts';
import type {DownloadJob, DownloadTools} from './download-job.ts';

/** A local file that has the expected content. All blocks of its plan are done, with digests of `algorithm`. */
export type ExpectedFile = CompleteFile & {plan: BlockPlan; algorithm: DigestAlgorithm};

/**
 * With `resume`, compare the file that has the final name only with the expectation. If it matches, it stays, whatever
 * the server has: its blocks must not be replaced by those of another file.
 *
 * @param remote what the server has. If the size is the same, the file gets the server's time.
 * @param options.onProgress called with the number of bytes hashed, and of bytes to hash.
 * @returns undefined if there is no such file, or it has other content.
 * @throws JangadaError
 */
export async function checkExpected(
  {folder, onConflict, expect}: DownloadJob,
  name: string,
  remote: {size: number; mtimeMs: number},
  tools: DownloadTools,
  {signal, onProgress}: StockOptions,
): Promise<ExpectedFile | undefined> {
  if (expect === undefined || onConflict !== 'resume' || lookAt(folder, name).kind !== 'file') {
    return undefined;
  }

  const fd = openForReading(folder, name);
  const stats = fstatSync(fd);
  const {size} = stats;
  const path = join(folder.path, name);
  try {
    await using sum = tools.checksums?.follow({fd, path});
    // The file is read for two hashes at the same time.
    sum?.reach(size);
    const algorithm = algorithmOf(expect);
    const digests = await tools.checker.digests({fd, path, size}, algorithm, {
      signal,
      onProgress: bytes => onProgress(Math.min(bytes, sum?.hashedBytes ?? bytes), size),
    });
    const root = rootDigest(algorithm, digests).toString('hex');
    const isWhole = digests.length === blockCount(size) * digestSize;
    if (!isWhole || (expect.kind === 'root' && root !== expect.hex)) {
      return undefined;
    }

    const sha256 = await sum?.digest(size, {signal, onProgress: bytes => onProgress(bytes, size)});
    if (expect.kind === 'sha256' && sha256 !== expect.hex) {
      return undefined;
    }

    checkUntouched(fd, stats);
    const isLate = size === remote.size && isOtherTime(stats.mtimeMs, remote.mtimeMs);
    const otherTime = isLate ? giveTime(fd, path, remote.mtimeMs) : undefined;
    const state = stateOf(fstatSync(fd, {bigint: true}));
    const plan = donePlan(size, digests);
    return {kind: 'complete', sha256, state, otherTime, plan, algorithm};
  } finally {
    closeSync(fd);
  }
}

/**
 * A complete partial may get the final name `name` only if it has the expected SHA-256. Otherwise it stays a partial,
 * so that another server, or a corrected expectation, needs no second download of equal blocks.
 *
 * @param sha256 of the partial, if it was computed.
 * @throws JangadaError `unexpected`.
 */
export function refuseUnexpected(
  sha256: string | undefined,
  expect: ExpectedContent | undefined,
  name: string,
): void {
  if (expect?.kind === 'sha256' && sha256 !== expect.hex) {
    throw unexpected(
      'The server sends',
      {...expect, hex: sha256 ?? ''},
      expect,
      `. The received blocks are kept as ${displayName(partialName(name))}`,
    );
  }
}

/** Without an expected root, the plan may use any algorithm: the fastest one. */
function algorithmOf(expect: ExpectedContent): DigestAlgorithm {
  return expect.kind === 'root' ? expect.algorithm : (availableAlgorithms()[0] ?? 'sha256');
}

function donePlan(size: number, digests: Buffer): BlockPlan {
  const plan = new BlockPlan(size);
  for (let index = 0; index < plan.count; index++) {
    plan.markDone(index, digests.subarray(index * digestSize, (index + 1) * digestSize));
  }

  return plan;
}
