/**
 * The one idea, for one file: plan from what is on disk, fetch what is missing, check each block
 * before it is written, finish safely.
 *
 *     stat ─► open partial ─► check it (threads) ─► lanes fetch ─► root digest ─► flush ─► rename
 *               ▲                 │ blocks that match are done       │
 *               └─────────────────┴────── changed: begin again ◄─────┘
 *
 * A file that changes on the server is begun again with the partial as it is: blocks that are
 * equal in the new version stay.
 */
import {closeSync, fstatSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {blockSize, rootDigest} from '../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {BlockPool} from '../../client/block-pool.ts';
import type {Client} from '../../client/client.ts';
import {BlockFetch} from '../blocks/block-fetch.ts';
import {BlockPlan} from '../blocks/block-plan.ts';
import {copyFromSeed} from '../blocks/copy-from-seed.ts';
import type {Ending} from '../blocks/ending.ts';
import {FileProgress} from '../blocks/file-progress.ts';
import type {BlockJob, RemoteBlocks} from '../blocks/remote-blocks.ts';
import {Seed} from '../blocks/seed.ts';
import {hashStock, takeStock} from '../blocks/take-stock.ts';
import {adoptPartial} from '../disk/adopt-partial.ts';
import {partialName} from '../disk/local-name.ts';
import {demoteToPartial, lookAt, openForReading, PartialFile} from '../disk/partial-file.ts';
import type {Room} from '../disk/room.ts';
import type {OpenFolder} from '../disk/target-folder.ts';
import type {Checker} from '../hashing/checker.ts';
import type {Checksums, FollowedFile} from '../hashing/checksums.ts';
import type {ConflictPolicy} from '../terms/conflict-policy.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {KnownPartial, KnownPartials} from '../terms/known-partial.ts';
import type {Outcome} from '../terms/transfer-state.ts';
import {freeName, settleConflict} from './settle-conflict.ts';

export type DownloadJob = {
  remotePath: RemotePath;
  folder: OpenFolder;
  /** Final name in that folder. */
  name: string;
  onConflict: ConflictPolicy;
  /** Of the remote file when this was last worked on. */
  version?: string | undefined;
  memory?: KnownPartials | undefined;
  /** A file that becomes the partial first. */
  from?: string | undefined;
  /** A file to copy blocks from. */
  seed?: string | undefined;
};

export type DownloadTools = {
  client: Client;
  blocks: BlockPool;
  checker: Checker;
  room: Room;
  /** With these, the SHA-256 of each file is computed while it arrives. */
  checksums?: Checksums | undefined;
  ending: Ending;
};

/** How a download ended: with the SHA-256 of the file, in hex, if it is computed and the file verified. */
export type DownloadResult = {outcome: Outcome; sha256?: string | undefined};

/** A version that changes more often than this while it is fetched is given up. */
const maxRestarts = 5;

/** How often blocks may arrive damaged before the fault is not the link's. */
const maxDamaged = 3;

/** A server gives no digests of a larger file, and their memory is bounded. */
const maxFileSize = 4_194_304 * blockSize;

export class Download {
  readonly #job: DownloadJob;
  readonly #tools: DownloadTools;
  readonly #tell: (event: DownloadEvent) => void;
  readonly #progress: FileProgress;
  #name: string;
  #fetching: BlockFetch | undefined;
  #lanes = 1;
  // Whether blocks are arriving, or all have: who is asked to end then finishes them.
  #hasInHand = false;
  /** Of the remote file at the last attempt. */
  #version: string | undefined;
  // What is remembered of the partial has turned out not to be so.
  #distrusted = false;
  #adopted = false;
  /** The checksum of the partial of this attempt, if it is asked for. */
  #sum: FollowedFile | undefined;

  constructor(job: DownloadJob, tools: DownloadTools, tell: (event: DownloadEvent) => void) {
    this.#job = job;
    this.#tools = tools;
    this.#tell = tell;
    this.#progress = new FileProgress(event => {
      this.#sum?.reach(this.#progress.frontBytes);
      tell(event);
    });
    this.#name = job.name;
    this.#version = job.version;
  }

  /** Connections to use at once; may change while it runs. */
  set lanes(count: number) {
    this.#lanes = count;
    if (this.#fetching !== undefined) {
      this.#fetching.lanes = count;
    }
  }

  /**
   * Run to the end. What has been fetched stays in the partial, however this ends.
   *
   * @throws JangadaError
   */
  async run(signal: AbortSignal): Promise<DownloadResult> {
    const {ending} = this.#tools;
    const early = new AbortController();
    const forget = ending.onBegin(() => {
      if (!this.#hasInHand) {
        early.abort();
      }
    });
    try {
      return await this.#attempts(AbortSignal.any([signal, early.signal]));
    } finally {
      forget();
    }
  }

  async #attempts(signal: AbortSignal): Promise<DownloadResult> {
    let damaged = 0;
    let changed = 0;
    for (;;) {
      try {
        this.#hasInHand = false;
        return await this.#attempt(signal);
      } catch (error) {
        const again =
          (isJangadaError(error, 'changed') && ++changed <= maxRestarts) ||
          (isJangadaError(error, 'digest_mismatch') && ++damaged <= maxDamaged);
        if (!again || signal.aborted) {
          throw isJangadaError(error, 'changed') && changed > maxRestarts
            ? new JangadaError(
                'changed',
                'It keeps changing on the server: what has arrived is kept. Try again when it is at rest',
                {cause: error},
              )
            : error;
        }

        if (this.#tools.ending.begun) {
          throw new JangadaError('aborted', 'Stopped on request', {cause: error});
        }

        this.#tell({type: 'lost'});
      }
    }
  }

  async #attempt(signal: AbortSignal): Promise<DownloadResult> {
    const {client} = this.#tools;
    const {remotePath, folder} = this.#job;
    const remote = await client.stat(remotePath, {signal});
    if (remote.type !== 'file') {
      throw new JangadaError('not_a_file', 'It is not a file on the server');
    }

    if (remote.size > maxFileSize) {
      throw new JangadaError('too_large', 'It is larger than the 4 TiB that can be verified');
    }

    this.#tell({type: 'size', bytes: remote.size});
    const algorithm = await client.digestAlgorithm({signal});
    using seed = this.#openSeed();
    this.#adopt();
    const settled = settleConflict(this.#job, remote.mtimeMs);
    if (settled === 'skip') {
      return {outcome: 'skipped'};
    }

    if (settled === 'rename') {
      this.#name = freeName(folder, this.#job.name);
      this.#tell({type: 'named', name: this.#name});
    }

    const {version} = remote;
    const blocks = {remotePath, version, algorithm, plan: new BlockPlan(remote.size)};
    const final = await this.#checkFinal(blocks, signal);
    if (final?.kind === 'complete') {
      this.#progress.begin(blocks.plan);
      return {outcome: 'verified', sha256: final.sha256};
    }

    const known = this.#distrusted ? undefined : this.#job.memory?.recall(this.#name);
    const partial = new PartialFile(folder, this.#name);
    let job: BlockJob = {...blocks, partial, progress: this.#progress};
    try {
      await using sum = this.#tools.checksums?.follow(partial);
      this.#sum = sum;
      this.#tellVersion(version, partial, known);
      if (final === undefined || !partial.isStill(final.stats)) {
        // What is known of the blocks is known of another file.
        job = {...job, plan: new BlockPlan(remote.size)};
      }

      const {plan} = job;
      if (partial.initialSize > 0 && plan.doneBytes === 0) {
        const onProgress = (bytes: number, total: number) => this.#checked(bytes, total);
        await takeStock(partial, known, job, this.#tools, {signal, onProgress});
      }

      if (known !== undefined) {
        // From here on the partial changes, and what was remembered is of another.
        this.#job.memory?.forget(this.#name);
      }

      if (partial.initialSize > remote.size) {
        partial.truncate(remote.size);
      }

      this.#progress.begin(plan);
      // A disk that is full at nine tenths helps nobody: it is looked at before.
      using _room = this.#tools.room.claim(folder, () =>
        partial.isOpen ? remote.size - Math.max(plan.doneBytes, allocatedBytes(partial.fd)) : 0,
      );
      await this.#copy(seed, job, signal);
      this.#hasInHand = true;
      const root = await this.#fetch(job, signal);
      this.#tell({type: 'finish'});
      await this.#checkRoot(root, job, signal);
      await partial.flush(remote.mtimeMs);
      let sha256: string | undefined;
      if (sum !== undefined) {
        sha256 = await this.#digestOf(sum, remote.size, signal);
      }

      if (signal.aborted) {
        throw new JangadaError('aborted', 'Stopped on request');
      }

      partial.rename({overwrite: ['overwrite', 'resume', 'newer'].includes(this.#job.onConflict)});
      await this.#tools.checker.flushFolders([folder]);
      return {outcome: 'verified', sha256};
    } finally {
      await this.#remember(job);
      partial.close();
    }
  }

  /** The SHA-256 of the whole partial. @throws JangadaError `changed` if something has cut it off. */
  async #digestOf(sum: FollowedFile, size: number, signal: AbortSignal): Promise<string> {
    try {
      return await sum.digest(size, {signal});
    } catch (error) {
      if (isJangadaError(error, 'changed')) {
        this.#distrust();
      }

      throw error;
    }
  }

  /** Say which version it is, and whether what is here is of another. */
  #tellVersion(version: string, partial: PartialFile, known: KnownPartial | undefined): void {
    const before = this.#version ?? known?.version;
    const begunAnew = before !== undefined && before !== version && partial.initialSize > 0;
    this.#version = version;
    this.#tell({type: 'version', version, begunAnew});
  }

  /** Keep what is known of the partial for the next time, if there is one. */
  async #remember({partial, version, algorithm, plan}: BlockJob): Promise<void> {
    const {memory} = this.#job;
    if (memory === undefined || !partial.isOpen || plan.doneBytes === 0 || this.#distrusted) {
      return;
    }

    try {
      // What the power takes away must not be remembered.
      await partial.flushData();
      memory.remember(this.#name, {
        version,
        algorithm,
        state: partial.state,
        digests: plan.digests,
      });
    } catch {
      // The disk has failed, and the transfer has said so: nothing is known of it any more.
      memory.forget(this.#name);
    }
  }

  /** Only now that the server has the file: nothing is renamed for one that is not there. */
  #adopt(): void {
    const {folder, from, memory} = this.#job;
    if (from !== undefined && !this.#adopted) {
      if (adoptPartial(folder, this.#name, from)) {
        // What is remembered is of one that is gone.
        memory?.forget(this.#name);
      }

      this.#adopted = true;
      this.#tell({type: 'adopted'});
    }
  }

  /**
   * With `resume`, a file that has the final name is checked where it is. One that is complete stays
   * untouched; any other becomes the partial, with what is known of its blocks in `plan`.
   *
   * @returns undefined if no file has the final name.
   */
  async #checkFinal(blocks: RemoteBlocks, signal: AbortSignal): Promise<FinalFile | undefined> {
    const {folder, onConflict} = this.#job;
    const hasFinal = onConflict === 'resume' && lookAt(folder, this.#name).kind === 'file';
    if (!hasFinal || hasPartial(folder, this.#name)) {
      return undefined;
    }

    const fd = openForReading(folder, this.#name);
    const stats = fstatSync(fd);
    const {plan} = blocks;
    try {
      const path = join(folder.path, this.#name);
      const {size} = stats;
      await using sum = size === plan.size ? this.#tools.checksums?.follow({fd, path}) : undefined;
      // It is read for two hashes at the same time: most of the time it is complete.
      sum?.reach(size);
      const root = await hashStock({fd, path, size}, blocks, this.#tools, {
        signal,
        onProgress: (bytes, total) =>
          this.#checked(Math.min(bytes, sum?.hashedBytes ?? bytes), total),
      });
      if (plan.complete && size === plan.size) {
        await this.#checkRoot(root, blocks, signal);
        let sha256: string | undefined;
        if (sum !== undefined) {
          const onProgress = (bytes: number) => this.#checked(bytes, size);
          sha256 = await sum.digest(size, {signal, onProgress});
          checkUntouched(fd, stats);
        }

        return {kind: 'complete', sha256};
      }
    } finally {
      closeSync(fd);
    }

    demoteToPartial(folder, this.#name);
    return {kind: 'demoted', stats};
  }

  #checked(checkedBytes: number, totalBytes: number): void {
    this.#tell({type: 'check', checkedBytes, totalBytes});
  }

  /** Before anything is renamed or fetched. */
  #openSeed(): Seed | undefined {
    const {seed} = this.#job;
    return seed === undefined ? undefined : new Seed(seed);
  }

  async #copy(seed: Seed | undefined, job: BlockJob, signal: AbortSignal): Promise<void> {
    if (seed !== undefined) {
      await copyFromSeed(seed, job, this.#tools, this.#tell, signal);
    }
  }

  /** Fetch the blocks that are not done. @returns the root digest if the server has said it. */
  async #fetch(job: BlockJob, signal: AbortSignal): Promise<string | undefined> {
    const {plan} = job;
    if (plan.complete) {
      return undefined;
    }

    const fetching = new BlockFetch(job, this.#tools, this.#tell);
    fetching.lanes = this.#lanes;
    this.#fetching = fetching;
    try {
      return await fetching.run(signal);
    } finally {
      this.#fetching = undefined;
    }
  }

  async #checkRoot(
    said: string | undefined,
    {remotePath, version, algorithm, plan}: RemoteBlocks,
    signal: AbortSignal,
  ): Promise<void> {
    if (!plan.complete) {
      throw new JangadaError('internal', 'Blocks are missing at the end of a download');
    }

    const {client} = this.#tools;
    const root =
      said ?? (await client.digests(remotePath, {from: 0, to: 0, algorithm, version, signal})).root;
    if (root !== rootDigest(algorithm, plan.digests).toString('hex')) {
      this.#distrust();
      throw new JangadaError('changed', 'The whole is not what the server says it is');
    }
  }

  /** What is there now has to be hashed again. */
  #distrust(): void {
    this.#distrusted = true;
    this.#job.memory?.forget(this.#name);
  }
}

/** A file that had the final name: nothing is missing in it, or it is the partial now. */
type FinalFile = {kind: 'complete'; sha256: string | undefined} | {kind: 'demoted'; stats: Stats};

/** What was checked and what was hashed are the same only then. @throws JangadaError `changed`. */
function checkUntouched(fd: number, before: Stats): void {
  const {size, mtimeMs} = fstatSync(fd);
  if (size !== before.size || mtimeMs !== before.mtimeMs) {
    throw new JangadaError('changed', 'The local file changed while it was checked');
  }
}

/** Bytes of the disk that a file takes already; holes take none. */
function allocatedBytes(fd: number): number {
  return fstatSync(fd).blocks * 512;
}

function hasPartial(folder: OpenFolder, name: string): boolean {
  return lookAt(folder, partialName(name)).kind !== 'nothing';
}
