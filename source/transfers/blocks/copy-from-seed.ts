/**
 * Copies needed blocks of a partial from a seed, as far as the seed has them.
 *
 *     seed ─► digests (threads) ─┐
 *                                ├─► needed blocks in the seed ─► read ─► check ─► partial
 *     server's digests ──────────┘
 *
 * Each block is checked again when it is copied. If it has changed meanwhile, it is fetched instead.
 */
import type {Buffer} from 'node:buffer';
import {blockLength, blockSize, digestOf, digestSize} from '../../../protocol/block.ts';
import {aborted} from '../../../protocol/errors.ts';
import type {Client} from '../../client/client.ts';
import type {ReceiveBuffers} from '../../client/connection/receive-buffers.ts';
import type {Checker} from '../hashing/checker.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import {bothDigests} from './both-digests.ts';
import {DigestTable} from './digest-table.ts';
import {PartialWrites} from './partial-writes.ts';
import type {BlockJob} from './remote-blocks.ts';
import type {Seed} from './seed.ts';

type SeedTools = {client: Client; blocks: ReceiveBuffers; checker: Checker};

/** For each block from the first to the last needed one: the seed's block with that digest; -1 if there is none. */
type Sources = {first: number; blocks: Int32Array; digests: Buffer; totalBytes: number};

/**
 * Resolves when every needed block that the seed has is on disk.
 *
 * @throws JangadaError `aborted`, `local_io`, `no_space`, `changed`, any error of the server. After that, nothing uses
 * the partial any more.
 */
export async function copyFromSeed(
  seed: Seed,
  job: BlockJob,
  tools: SeedTools,
  tell: (event: DownloadEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const sources = await findSources(seed, job, tools, tell, signal);
  if (sources !== undefined && sources.totalBytes > 0) {
    await new Copying(seed, job, tools.blocks, tell).run(sources, signal);
  }
}

async function findSources(
  seed: Seed,
  {remotePath, version, algorithm, plan, expected}: BlockJob,
  tools: SeedTools,
  tell: (event: DownloadEvent) => void,
  signal: AbortSignal,
): Promise<Sources | undefined> {
  const span = plan.neededSpan;
  const {fd, path, size} = seed;
  if (span === undefined || size === 0) {
    return undefined;
  }

  const onProgress = (checkedBytes: number) =>
    tell({type: 'check', checkedBytes, totalBytes: size});
  onProgress(0);
  const {here, there} = await bothDigests(
    {local: {fd, path, size}, remotePath, version, span, algorithm, expected},
    tools,
    {signal, onProgress},
  );
  const table = new DigestTable(here);
  const {digests} = there;
  const blocks = new Int32Array(Math.min(span.end - span.first, digests.length / digestSize));
  let totalBytes = 0;
  for (const at of blocks.keys()) {
    const index = span.first + at;
    blocks[at] = plan.isNeeded(index) ? table.find(digests, at * digestSize) : -1;
    totalBytes += blocks[at] === -1 ? 0 : blockLength(plan.size, index);
  }

  return {first: span.first, blocks, digests, totalBytes};
}

class Copying {
  readonly #seed: Seed;
  readonly #job: BlockJob;
  readonly #pool: ReceiveBuffers;
  readonly #tell: (event: DownloadEvent) => void;
  readonly #writes: PartialWrites;
  #copiedBytes = 0;
  #totalBytes = 0;
  #failure: {error: unknown} | undefined;

  constructor(
    seed: Seed,
    job: BlockJob,
    pool: ReceiveBuffers,
    tell: (event: DownloadEvent) => void,
  ) {
    this.#seed = seed;
    this.#job = job;
    this.#pool = pool;
    this.#tell = tell;
    this.#writes = new PartialWrites(job.partial, error => this.#fail(error));
  }

  async run({first, blocks, digests, totalBytes}: Sources, signal: AbortSignal): Promise<void> {
    this.#totalBytes = totalBytes;
    this.#tellCopied();
    try {
      for (const [at, source] of blocks.entries()) {
        if (source !== -1 && this.#failure === undefined) {
          const digest = digests.subarray(at * digestSize, (at + 1) * digestSize);
          await this.#copy(first + at, source, digest, signal);
        }
      }
    } finally {
      await this.#writes.settled();
    }

    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  /** Resolves when the block is read and checked. It is written while the next block is read. */
  async #copy(index: number, source: number, digest: Buffer, signal: AbortSignal): Promise<void> {
    const {plan, progress, algorithm} = this.#job;
    const length = blockLength(plan.size, index);
    const memory = await takeBlock(this.#pool, signal);
    let written: Promise<void> | undefined;
    try {
      const count = await this.#seed.read(source, memory, length);
      if (digestOf(algorithm, memory.subarray(0, count)).equals(digest)) {
        written = this.#writes.add(memory, length, index * blockSize);
      }
    } finally {
      if (written === undefined) {
        this.#pool.give(memory);
      }
    }

    written
      ?.then(
        () => {
          plan.markDone(index, digest);
          this.#copiedBytes += length;
          progress.copied(length);
          this.#tellCopied();
        },
        (error: unknown) => this.#fail(error),
      )
      .finally(() => this.#pool.give(memory));
  }

  #tellCopied(): void {
    this.#tell({type: 'copy', copiedBytes: this.#copiedBytes, totalBytes: this.#totalBytes});
  }

  #fail(error: unknown): void {
    this.#failure ??= {error};
  }
}

/** @throws JangadaError `aborted`. */
async function takeBlock(pool: ReceiveBuffers, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const memory = pool.take();
    if (signal.aborted) {
      if (memory !== undefined) {
        // So that the next waiter in line is called.
        pool.give(memory);
      }

      throw aborted();
    }

    if (memory !== undefined) {
      return memory;
    }

    await freeOrAborted(pool, signal);
  }
}

async function freeOrAborted(pool: ReceiveBuffers, signal: AbortSignal): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  const withdraw = pool.onFree(resolve);
  const onAbort = () => resolve();
  signal.addEventListener('abort', onAbort, {once: true});
  await promise;
  signal.removeEventListener('abort', onAbort);
  withdraw();
}
