/**
 * Finds the blocks of a local file that are equal to the server's. Threads hash the local file while the server hashes
 * its own, or remembered digests are compared.
 */
import type {Buffer} from 'node:buffer';
import {blockLength, blockSize, digestSize} from '../../../protocol/block.ts';
import type {Client} from '../../client/client.ts';
import type {PartialFile} from '../disk/partial-file.ts';
import type {Checker} from '../hashing/checker.ts';
import type {KnownPartial, KnownPartials} from '../terms/known-partial.ts';
import type {BlockPlan} from './block-plan.ts';
import {bothDigests} from './both-digests.ts';
import type {BlockJob, RemoteBlocks} from './remote-blocks.ts';

type StockTools = {client: Client; checker: Checker};

export type StockOptions = {
  signal: AbortSignal;
  /** Called with the number of bytes hashed so far, and of bytes to hash. */
  onProgress(checkedBytes: number, totalBytes: number): void;
};

/**
 * Mark as done the blocks of an open file that have the server's digest.
 *
 * @returns the root digest in hex, if the server has sent it.
 * @throws JangadaError; see `bothDigests`.
 */
export async function hashStock(
  file: {fd: number; path: string; size: number},
  {plan, ...remote}: RemoteBlocks,
  tools: StockTools,
  {signal, onProgress}: StockOptions,
): Promise<string | undefined> {
  const size = Math.min(file.size, plan.size);
  onProgress(0, size);
  const {here, there} = await bothDigests(
    {local: {...file, size}, span: {first: 0, end: Math.ceil(size / blockSize)}, ...remote},
    tools,
    {signal, onProgress: bytes => onProgress(bytes, size)},
  );
  markEqual(plan, here, there.digests, size);
  return there.root;
}

/** The same for a partial. It is not hashed if its digests are remembered. */
export async function takeStock(
  partial: PartialFile,
  known: KnownPartial | undefined,
  blocks: RemoteBlocks,
  tools: StockTools,
  options: StockOptions,
): Promise<void> {
  const {remotePath, version, algorithm, plan} = blocks;
  if (known?.state !== partial.state || known.algorithm !== algorithm) {
    const file = {fd: partial.fd, path: partial.path, size: partial.initialSize};
    await hashStock(file, blocks, tools, options);
  } else if (known.version === version && blocks.expected === undefined) {
    markKnown(plan, known.digests);
  } else {
    const size = Math.min(partial.initialSize, plan.size);
    const to = Math.ceil(size / blockSize);
    const {signal} = options;
    const asked = {from: 0, to, algorithm, version, signal};
    const {digests} = blocks.expected ?? (await tools.client.digests(remotePath, asked));
    markEqual(plan, known.digests, digests, size);
  }
}

/**
 * Remember the digests of the done blocks of a partial, if it still exists.
 *
 * @param name final name of the partial.
 */
export async function rememberStock(
  name: string,
  {partial, version, algorithm, plan}: BlockJob,
  memory: KnownPartials,
): Promise<void> {
  if (!partial.isOpen || plan.doneBytes === 0) {
    return;
  }

  if (partial.flushFailed) {
    memory.forget(name);
    return;
  }

  try {
    // Blocks that a power loss would destroy must not be remembered.
    await partial.flushData();
    memory.remember(name, {version, algorithm, state: partial.state, digests: plan.digests});
  } catch {
    // The disk has failed, and the transfer has reported that: the digests can no longer be trusted.
    memory.forget(name);
  }
}

/** Blocks with a known digest are done. An unknown digest is stored as zeros. */
function markKnown(plan: BlockPlan, digests: Uint8Array): void {
  const blocks = Math.min(plan.count, digests.length / digestSize);
  for (let index = 0; index < blocks; index++) {
    const digest = digests.subarray(index * digestSize, (index + 1) * digestSize);
    if (digest.some(byte => byte !== 0)) {
      plan.markDone(index, digest);
    }
  }
}

function markEqual(plan: BlockPlan, here: Uint8Array, there: Buffer, size: number): void {
  const blocks = Math.min(here.length, there.length) / digestSize;
  for (let index = 0; index < blocks; index++) {
    const at = index * digestSize;
    const digest = there.subarray(at, at + digestSize);
    // On disk, the last block may be shorter than the block of the remote file.
    const whole = index * blockSize + blockLength(plan.size, index) <= size;
    if (whole && digest.equals(here.subarray(at, at + digestSize))) {
      plan.markDone(index, digest);
    }
  }
}
