/**
 * A seed: a local file that may share blocks with the remote file, for example an older copy. It is only read. A block
 * can be used wherever it is in the seed, at a multiple of 1 MiB.
 */
import type {Buffer} from 'node:buffer';
import {closeSync, fstatSync, read} from 'node:fs';
import {blockSize} from '../../../protocol/block.ts';
import {openLocal} from '../disk/open-local.ts';
import {localError} from '../terms/local-error.ts';

/** Only this much of a larger seed is used, so that its digests need at most 128 MiB. */
const mostBytes = 4_194_304 * blockSize;

export class Seed implements Disposable {
  readonly path: string;
  readonly fd: number;

  /** @throws JangadaError `local_io` if there is no regular file at `path`; `aborted`. */
  static async open(path: string, signal?: AbortSignal): Promise<Seed> {
    return new Seed(path, await openLocal(path, signal));
  }

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /** Number of bytes that can be used. */
  get size(): number {
    return Math.min(mostBytes, fstatSync(this.fd).size);
  }

  /**
   * Read the first `length` bytes of block `index` into the front of `memory`.
   *
   * @returns number of bytes read: fewer than `length` only at the end of the file.
   * @throws JangadaError `local_io`.
   */
  read(index: number, memory: Buffer, length: number): Promise<number> {
    const {promise, resolve, reject} = Promise.withResolvers<number>();
    const step = (done: number) => {
      const offset = index * blockSize + done;
      read(this.fd, memory, done, length - done, offset, (error, count) => {
        if (error !== null) {
          reject(localError(error, this.path));
        } else if (count === 0 || done + count === length) {
          resolve(done + count);
        } else {
          step(done + count);
        }
      });
    };
    step(0);
    return promise;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
