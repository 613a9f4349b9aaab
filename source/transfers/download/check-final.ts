/** The file that has the final name already, with `resume`: is it complete? */
import {closeSync, fstatSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {checkRoot} from '../blocks/check-root.ts';
import type {RemoteBlocks} from '../blocks/remote-blocks.ts';
import {hashStock, type StockOptions} from '../blocks/take-stock.ts';
import {demoteToPartial} from '../disk/final-name.ts';
import {partialName} from '../disk/local-name.ts';
import {lookAt, openForReading} from '../disk/look-at.ts';
import type {OpenFolder} from '../disk/target-folder.ts';
import type {DownloadTools} from './download-job.ts';

/** `complete`: nothing is missing in it. `demoted`: it has become the partial. */
export type FinalFile =
  | {kind: 'complete'; sha256: string | undefined}
  | {kind: 'demoted'; stats: Stats};

/**
 * Check a file where it is. A complete one stays untouched; any other becomes the partial, with its
 * good blocks done in the plan.
 *
 * @param options.onProgress is told bytes hashed, of how many.
 * @returns undefined if no file has the final name, or there is a partial beside it.
 * @throws JangadaError
 */
export async function checkFinal(
  folder: OpenFolder,
  name: string,
  blocks: RemoteBlocks,
  tools: DownloadTools,
  {signal, onProgress}: StockOptions,
): Promise<FinalFile | undefined> {
  if (lookAt(folder, name).kind !== 'file' || hasPartial(folder, name)) {
    return undefined;
  }

  const fd = openForReading(folder, name);
  const stats = fstatSync(fd);
  const {plan} = blocks;
  try {
    const path = join(folder.path, name);
    const {size} = stats;
    await using sum = size === plan.size ? tools.checksums?.follow({fd, path}) : undefined;
    // It is read for two hashes at the same time: most of the time it is complete.
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
      checkUntouched(fd, stats);
      return {kind: 'complete', sha256};
    }
  } finally {
    closeSync(fd);
  }

  demoteToPartial(folder, name);
  return {kind: 'demoted', stats};
}

function hasPartial(folder: OpenFolder, name: string): boolean {
  return lookAt(folder, partialName(name)).kind !== 'nothing';
}

/** Only then is the file that was hashed the one that was checked. @throws JangadaError `changed`. */
function checkUntouched(fd: number, before: Stats): void {
  const {size, mtimeMs} = fstatSync(fd);
  if (size !== before.size || mtimeMs !== before.mtimeMs) {
    throw new JangadaError('changed', 'The local file changed while it was checked');
  }
}
