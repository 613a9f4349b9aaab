/** One attempt at a download, from the `stat` request to the final name. */
import {join} from 'node:path';
import {blockSize, rootDigest} from '../../../protocol/block.ts';
import {isJangadaError, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import type {HeadStart} from '../../client/early/head-start.ts';
import {BlockFetch} from '../blocks/block-fetch.ts';
import {BlockPlan} from '../blocks/block-plan.ts';
import {checkRoot} from '../blocks/check-root.ts';
import {copyFromSeed} from '../blocks/copy-from-seed.ts';
import {digestsToGoBy} from '../blocks/expected-digests.ts';
import type {BlockJob} from '../blocks/remote-blocks.ts';
import {Seed} from '../blocks/seed.ts';
import {BlockSources} from '../blocks/servers/block-sources.ts';
import {rememberStock, takeStock} from '../blocks/take-stock.ts';
import {adoptPartial} from '../disk/adopt-partial.ts';
import type {OtherTime} from '../disk/file-time.ts';
import {dropPartialName} from '../disk/final-name.ts';
import {PartialFile} from '../disk/partial-file.ts';
import type {FollowedFile} from '../hashing/checksums.ts';
import {mayReplace} from '../terms/conflict-policy.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {KnownPartial} from '../terms/known-partial.ts';
import {checkExpected, type ExpectedFile, refuseUnexpected} from './check-expected.ts';
import {checkFinal, checkOwn, type DemotedFile, type Remote} from './check-final.ts';
import type {DownloadFacts, DownloadJob, DownloadResult, DownloadTools} from './download-job.ts';
import {freeName, settleConflict} from './settle-conflict.ts';

/** A server sends no digests of larger files, and the memory for digests is limited. */
const maxFileSize = 4_194_304 * blockSize;

export class Attempt {
  readonly #job: DownloadJob;
  readonly #tools: DownloadTools;
  readonly #facts: DownloadFacts;
  readonly #tell: (event: DownloadEvent) => void;
  #lanes: number;
  #fetching: BlockFetch | undefined;
  #hasInHand = false;

  constructor(
    job: DownloadJob,
    tools: DownloadTools,
    facts: DownloadFacts,
    tell: (event: DownloadEvent) => void,
    lanes: number,
  ) {
    this.#job = job;
    this.#tools = tools;
    this.#facts = facts;
    this.#tell = tell;
    this.#lanes = lanes;
  }

  /** Whether blocks are arriving or all have arrived: if the download has to end, the attempt then completes them. */
  get hasInHand(): boolean {
    return this.#hasInHand;
  }

  /** Number of connections to use at once. May change during the run. */
  set lanes(count: number) {
    this.#lanes = count;
    if (this.#fetching !== undefined) {
      this.#fetching.lanes = count;
    }
  }

  /**
   * Run the attempt. Fetched blocks stay in the partial, whatever the outcome.
   *
   * @throws JangadaError; after `changed` and `digest_mismatch` another attempt is worthwhile.
   */
  async run(signal: AbortSignal): Promise<DownloadResult> {
    const {client} = this.#tools;
    const {remotePath} = this.#job;
    using headStart = client.takeHeadStart(remotePath);
    const remote = await (headStart?.entryUnless(signal) ?? client.stat(remotePath, {signal}));
    if (remote.type !== 'file') {
      throw new JangadaError('not_a_file', 'It is not a file on the server');
    }

    if (remote.size > maxFileSize) {
      throw new JangadaError(
        'too_large',
        'The file is larger than 4 TiB, the most that can be verified',
      );
    }

    const {size, version, mtimeMs} = remote;
    this.#tell({type: 'size', bytes: size});
    const ours = await checkExpected(
      this.#job,
      this.#facts.name,
      {size, mtimeMs},
      this.#tools,
      this.#stockOptions(signal),
    );
    if (ours !== undefined) {
      return this.#keep(ours, mtimeMs);
    }

    // Before anything is renamed or fetched.
    const blockDigests = await digestsToGoBy(
      {remotePath, version, size},
      this.#job.expect,
      client,
      {
        signal,
        onProgress: ({done}) => this.#tell({type: 'check', checkedBytes: done, totalBytes: size}),
      },
    );
    const {seed: seedPath} = this.#job;
    using seed = seedPath === undefined ? undefined : await Seed.open(seedPath, signal);
    this.#adopt();
    dropPartialName(this.#job.folder, this.#facts.name);
    const blocks = {remotePath, version, mtimeMs, ...blockDigests, plan: new BlockPlan(size)};
    const check = (how: typeof checkOwn | typeof checkFinal) =>
      how(this.#job, this.#facts.name, blocks, this.#tools, this.#stockOptions(signal));
    const own = await check(checkOwn);
    if (own?.kind !== 'complete' && this.#settle(mtimeMs) === 'skip') {
      return {outcome: 'skipped'};
    }

    const final = own ?? (await check(checkFinal));
    if (final?.kind === 'complete') {
      this.#facts.progress.begin(blocks.plan);
      this.#tellOtherTime(mtimeMs, final.otherTime);
      const copy = {state: final.state, remote: {size, mtimeMs, version}};
      return {outcome: 'verified', sha256: final.sha256, ...this.#rootOf(blocks), copy};
    }

    const {folder} = this.#job;
    using old =
      final?.kind === 'kept' && seed === undefined
        ? await Seed.open(join(folder.path, this.#facts.name), signal)
        : undefined;
    const demoted = final?.kind === 'demoted' ? final : undefined;
    const fresh = {...blocks, plan: demoted === undefined ? new BlockPlan(size) : blocks.plan};
    return await this.#complete(fresh, demoted, {seed: seed ?? old, headStart}, signal);
  }

  /** A file here already has the expected content, and stays. */
  #keep(file: ExpectedFile, mtimeMs: number): DownloadResult {
    this.#tell({type: 'size', bytes: file.plan.size});
    this.#facts.progress.begin(file.plan);
    this.#tellOtherTime(mtimeMs, file.otherTime);
    return {outcome: 'verified', sha256: file.sha256, ...this.#rootOf(file)};
  }

  /** Fetch the blocks that are missing in the partial, and finish the file. */
  async #complete(
    remote: Remote,
    final: DemotedFile | undefined,
    {seed, headStart}: {seed: Seed | undefined; headStart: HeadStart | undefined},
    signal: AbortSignal,
  ): Promise<DownloadResult> {
    const {folder, memory} = this.#job;
    const {name, progress, distrusted} = this.#facts;
    const known = distrusted ? undefined : memory?.recall(name);
    const partial = new PartialFile(folder, name);
    let job: BlockJob = {...remote, partial, progress};
    try {
      await using sum = this.#tools.checksums?.follow(partial);
      this.#tellVersion(remote.version, partial, known);
      if (final === undefined || !partial.isStill(final.stats)) {
        // The digests in the plan belong to another file.
        job = {...job, plan: new BlockPlan(remote.plan.size)};
      }

      const {plan} = job;
      if (partial.initialSize > 0 && plan.doneBytes === 0) {
        await takeStock(partial, known, job, this.#tools, this.#stockOptions(signal));
      }

      if (known !== undefined) {
        // From here on the partial changes, and the remembered digests are no longer valid.
        memory?.forget(name);
      }

      if (partial.initialSize > plan.size) {
        partial.truncate(plan.size);
      }

      using _progress = progress.begin(plan, frontBytes => sum?.reach(frontBytes));
      // Check the free space before the download: a disk that is full after nine tenths of the file helps nobody.
      using _room = this.#tools.room.claim(folder, () =>
        partial.isOpen ? plan.size - Math.max(plan.doneBytes, partial.allocatedBytes) : 0,
      );
      if (seed !== undefined) {
        await copyFromSeed(seed, job, this.#tools, this.#tell, signal);
      }

      this.#hasInHand = true;
      const sources = new BlockSources(this.#tools.client.servers.addresses, plan.count);
      const root = await this.#fetch(job, sources, headStart, signal);
      this.#tell({type: 'finish'});
      const wrong = await checkRoot(root, job, this.#tools.client, signal);
      if (wrong !== undefined) {
        this.#distrust();
        throw (await this.#damaged(job, sources, signal)) ?? wrong;
      }

      return await this.#finish({...job, mtimeMs: remote.mtimeMs}, sum, signal);
    } finally {
      try {
        if (memory !== undefined && !this.#facts.distrusted) {
          await rememberStock(name, job, memory);
        }
      } finally {
        this.#leave(partial, job.plan, final === undefined && this.#job.from === undefined);
      }
    }
  }

  /**
   * Close the partial: if it stayed open, it would count as being written by another transfer. A new partial without any
   * verified block (for example on a full disk) is removed, but a file that the user gave stays.
   */
  #leave(partial: PartialFile, plan: BlockPlan, isOurs: boolean): void {
    let isOfUse = plan.doneBytes > 0;
    try {
      partial.cutUnflushed();
      isOfUse &&= !partial.isEmpty;
    } catch {
      // The disk has failed, and the transfer reports its first error.
      isOfUse = false;
    }

    if (partial.isNew && isOurs && !isOfUse) {
      partial.discard();
    } else {
      partial.close();
    }
  }

  /** Only after the server has answered: nothing is renamed for a file that the server does not have. */
  #adopt(): void {
    const {folder, from, memory} = this.#job;
    if (from !== undefined && !this.#facts.adopted) {
      if (adoptPartial(folder, this.#facts.name, from)) {
        // The remembered digests belong to a partial that is gone.
        memory?.forget(this.#facts.name);
      }

      this.#facts.adopted = true;
      this.#tell({type: 'adopted'});
    }
  }

  /** Check whether the final name is free. If it is not, and the policy is `rename`, choose another name. */
  #settle(remoteMtimeMs: number): 'go on' | 'skip' {
    const settled = settleConflict(this.#job, remoteMtimeMs);
    if (settled !== 'rename') {
      return settled;
    }

    this.#facts.name = freeName(this.#job.folder, this.#job.name);
    this.#tell({type: 'named', name: this.#facts.name});
    return 'go on';
  }

  #stockOptions(signal: AbortSignal) {
    return {
      signal,
      onProgress: (checkedBytes: number, totalBytes: number) =>
        this.#tell({type: 'check', checkedBytes, totalBytes}),
    };
  }

  /** Report the version of the remote file, and whether the blocks on disk belong to another version. */
  #tellVersion(version: string, partial: PartialFile, known: KnownPartial | undefined): void {
    const before = this.#facts.version ?? known?.version;
    const begunAnew = before !== undefined && before !== version && partial.initialSize > 0;
    this.#facts.version = version;
    this.#tell({type: 'version', version, begunAnew});
  }

  /** Fetch the blocks that are not done. @returns the root digest if the server has sent it. */
  async #fetch(
    job: BlockJob,
    sources: BlockSources,
    headStart: HeadStart | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const isOfUse =
      job.plan.doneBytes === 0 &&
      !job.plan.complete &&
      headStart?.algorithm === job.algorithm &&
      headStart.comesAs(job.version);
    const first = isOfUse ? headStart : undefined;
    if (first === undefined) {
      headStart?.[Symbol.dispose]();
    }

    if (job.plan.complete) {
      return undefined;
    }

    const tools = {...this.#tools, sources, unfit: this.#facts.unfit};
    this.#fetching = new BlockFetch(job, tools, this.#tell, first);
    this.#fetching.lanes = this.#lanes;
    try {
      return await this.#fetching.run(signal);
    } finally {
      this.#fetching = undefined;
    }
  }

  /**
   * The root digest is not the main server's: leave out the other servers that sent blocks with wrong digests.
   *
   * @returns the error, if there are such servers.
   */
  async #damaged(
    {remotePath, version, algorithm, plan}: BlockJob,
    sources: BlockSources,
    signal: AbortSignal,
  ): Promise<JangadaError | undefined> {
    const {client} = this.#tools;
    if (!client.servers.isSeveral) {
      return undefined;
    }

    const {digests} = await client.digests(remotePath, {version, algorithm, signal});
    const error = new JangadaError(
      'digest_mismatch',
      'Blocks differ from those of the main server',
    );
    return sources
      .ofWrong(plan.digests, digests)
      .map(server =>
        this.#facts.unfit.leftOut(server, error, 'its blocks differ from those of the main server'),
      )
      .includes(true)
      ? error
      : undefined;
  }

  /** Flush the verified file, and give it its final name. */
  async #finish(
    {partial, mtimeMs, ...blocks}: BlockJob & {mtimeMs: number},
    sum: FollowedFile | undefined,
    signal: AbortSignal,
  ): Promise<DownloadResult> {
    const {flusher} = this.#tools;
    const {folder, onConflict} = this.#job;
    this.#tellOtherTime(mtimeMs, partial.setTime(mtimeMs));
    await partial.flush();
    const sha256 = await sum?.digest(blocks.plan.size, {signal}).catch((error: unknown) => {
      if (isJangadaError(error, 'changed')) {
        // Another program has cut the partial off.
        this.#distrust();
      }

      throw error;
    });
    throwIfAborted(signal);
    refuseUnexpected(sha256, this.#job.expect, this.#facts.name);
    const state = partial.rename({overwrite: mayReplace(onConflict)});
    await flusher.flushFolders([folder]);
    const {version, plan} = blocks;
    const remote = {size: plan.size, mtimeMs, version};
    const copy = state === undefined ? {} : {copy: {state, remote}};
    return {outcome: 'verified', sha256, ...this.#rootOf(blocks), ...copy};
  }

  /** The root digest of a complete file, if the caller wants it. */
  #rootOf({algorithm, plan}: Pick<BlockJob, 'algorithm' | 'plan'>): Pick<DownloadResult, 'root'> {
    if (this.#tools.roots !== true) {
      return {};
    }

    return {
      root: {kind: 'root', algorithm, hex: rootDigest(algorithm, plan.digests).toString('hex')},
    };
  }

  #tellOtherTime(wantedMs: number, other: OtherTime | undefined): void {
    if (other !== undefined) {
      this.#tell({type: 'time', wantedMs, ...other});
    }
  }

  /** The partial does not match its remembered digests: it must be hashed again. */
  #distrust(): void {
    this.#facts.distrusted = true;
    this.#job.memory?.forget(this.#facts.name);
  }
}
