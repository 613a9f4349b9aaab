/** Whether the file that has the final name already has the expected content. */
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

/** A file that is here and has the expected content; of its plan all is done, with digests of `algorithm`. */
export type ExpectedFile = CompleteFile & {plan: BlockPlan; algorithm: DigestAlgorithm};

/**
 * With `resume`, check the file that has the final name against the expectation alone. One that has the content
 * stays, whatever the server has: its blocks must not be replaced by those of another file.
 *
 * @param remote what the server has; one of the same size gives the file its time.
 * @param options.onProgress is told bytes hashed, of how many.
 * @returns undefined if there is none, or it has other content.
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
    // It is read for two hashes at the same time.
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
 * A partial that is complete may get the final name of `name` only with the expected SHA-256. It is kept: a server
 * that has what was expected, or the same one for another expectation, need not send its blocks again.
 *
 * @param sha256 of the partial, where it was computed.
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
      `. What has come is kept as ${displayName(partialName(name))}`,
    );
  }
}

/** Without an expected root any algorithm will do for the plan: the fastest one. */
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
