/** One state of an object. Each read names the state, so that bytes of two states are never mixed. */
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {blockLength, blockSize, digestOf, startHash} from '../../../protocol/block.ts';
import {isJangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Awaitable} from '../../waiting/awaitable.ts';
import type {LongWork} from '../../waiting/long-work.ts';
import type {
  BlockSpan,
  DigestsQuestion,
  HashQuestion,
  LongWorkClient,
  StoredFile,
} from '../store.ts';
import {bucketError} from './bucket-errors.ts';
import {below} from './keys.ts';
import {type Fetch, type PiecePool, ReadAhead} from './read-ahead.ts';
import type {ObjectFacts, S3Client} from './s3/s3-client.ts';

export type BucketMeans = {
  readonly s3: S3Client;
  readonly pool: PiecePool;
  readonly longWork: LongWork;
};

export type ObjectPlace = {path: RemotePath; below: RemotePath; key: string};

export class BucketFile implements StoredFile {
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
  readonly path: string;
  readonly state: string;
  readonly #path: RemotePath;
  readonly #key: string;
  readonly #etag: string;
  readonly #means: BucketMeans;
  readonly #closed = new AbortController();
  #ahead: ReadAhead | undefined;
  /** Whether the bucket has given bytes of this state since the last call of `unchanged`. */
  #isConfirmed = false;
  #receivedBytes = 0;

  /** @param where the path in its store, the key, and `below`: the path of that store in the whole root. */
  constructor(where: ObjectPlace, facts: ObjectFacts, means: BucketMeans) {
    const {below: storePath, key, path} = where;
    this.size = facts.size;
    this.mtimeMs = facts.mtimeMs;
    this.version = versionOf(facts);
    this.path = below(storePath, path);
    this.state = `${facts.etag}:${facts.size}`;
    this.#path = path;
    this.#key = key;
    this.#etag = facts.etag;
    this.#means = means;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  willRead(spans: readonly BlockSpan[]): void {
    this.#ahead?.close();
    const {pool} = this.#means;
    this.#ahead = new ReadAhead(spans, this.size, {fetch: this.#fetch, pool});
  }

  async read(into: Buffer, position: number): Promise<number> {
    const wanted = into.subarray(0, Math.max(0, Math.min(into.length, this.size - position)));
    if (wanted.length === 0) {
      return 0;
    }

    try {
      if (!(await this.#ahead?.read(wanted, position))) {
        await this.#fetch(
          {into: wanted, offset: position, progress: () => {}},
          this.#closed.signal,
        );
      }
    } catch (error) {
      throw bucketError(error, this.#path);
    }

    this.#isConfirmed = true;
    return wanted.length;
  }

  unchanged(): Awaitable<boolean> {
    if (this.#isConfirmed) {
      this.#isConfirmed = false;
      return true;
    }

    return this.#isSame();
  }

  async digests(
    {algorithm, spans}: DigestsQuestion,
    {computed, ...client}: LongWorkClient & {computed(first: number, digests: Uint8Array): void},
  ): Promise<void> {
    await this.#readBlocks(spans, client, (block, bytes) =>
      computed(block, digestOf(algorithm, bytes)),
    );
  }

  async hash(
    {algorithm, length}: HashQuestion,
    {progress, ...client}: LongWorkClient & {progress(bytes: number): void},
  ): Promise<string> {
    const hash = startHash(algorithm);
    const spans = [{from: 0, to: Math.ceil(length / blockSize)}];
    await this.#readBlocks(spans, client, (block, bytes) => {
      const wanted = bytes.subarray(0, length - block * blockSize);
      hash.update(wanted);
      progress(block * blockSize + wanted.length);
    });
    return hash.digest('hex');
  }

  close(): void {
    this.#ahead?.close();
    this.#closed.abort();
  }

  /** Read blocks one after the other, within the client's turn. */
  async #readBlocks(
    spans: readonly BlockSpan[],
    {peer, signal}: LongWorkClient,
    take: (block: number, bytes: Buffer) => void,
  ): Promise<void> {
    throwIfAborted(signal);
    const leave = await this.#means.longWork.hashJobs.enter(peer, signal);
    try {
      this.willRead(spans);
      const memory = Buffer.allocUnsafeSlow(blockSize);
      for (const {from, to} of spans) {
        for (let block = from; block < to; block++) {
          throwIfAborted(signal);
          const bytes = memory.subarray(0, blockLength(this.size, block));
          await this.read(bytes, block * blockSize);
          take(block, bytes);
        }
      }
    } finally {
      leave();
    }
  }

  async #isSame(): Promise<boolean> {
    try {
      const {etag} = await this.#means.s3.head(this.#key, this.#closed.signal);
      return etag === this.#etag;
    } catch (error) {
      if (isJangadaError(error, 'not_found')) {
        return false;
      }

      throw bucketError(error, this.#path);
    }
  }

  readonly #fetch: Fetch = (range, signal) => {
    let received = 0;
    const progress = (bytes: number) => {
      // After a failed attempt, some bytes arrive again.
      this.#receivedBytes += Math.max(0, bytes - received);
      received = Math.max(received, bytes);
      range.progress(bytes);
    };
    return this.#means.s3.range(this.#key, {...range, etag: this.#etag, progress}, signal);
  };
}

/**
 * The version token: the ETag of the content, in the characters and length of a version token. All servers of a bucket
 * give the same one.
 */
export function versionOf({etag}: Pick<ObjectFacts, 'etag'>): string {
  const [, name] = /^"([\w-]{1,64})"$/.exec(etag) ?? [];
  return name ?? createHash('sha256').update(etag).digest('hex');
}
