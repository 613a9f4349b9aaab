/**
 * The disk under a root, for the serving thread: a disk that hangs must not block every client.
 *
 *     fast:   small calls ──▶ this thread, at once       large reads ──▶ Node's threads
 *     slow:   all calls ──▶ threads of the store (call-threads.ts)
 *
 * Every call is timed. The disk counts as slow after a call that took long (pace.ts), and always if it is remote. The
 * first slow call of a local disk blocks the thread: nothing announces it, and a call cannot be cancelled.
 */
import type {Buffer} from 'node:buffer';
import {read} from 'node:fs';
import {promisify} from 'node:util';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Awaitable} from '../../../waiting/awaitable.ts';
import {storeError} from '../../store-errors.ts';
import type {Root} from '../root/root.ts';
import {CallThreads} from './call-threads.ts';
import {
  type CallArguments,
  type CallName,
  type CallResult,
  callsUnder,
  type FolderCalls,
  readInto,
} from './folder-calls.ts';
import {Pace} from './pace.ts';
import {PoolShare} from './pool-share.ts';

/** The largest read that this thread makes itself, in bytes. */
const smallRead = 65_536;

const readLater = promisify(read);

type DiskOptions = {
  /** Whether the disk is remote, and so counts as slow from the start. */
  remote: boolean;
  /** Called when the disk becomes slow, with the milliseconds of the slow call. */
  onSlow(ms: number): void;
};

export class Disk {
  readonly #calls: FolderCalls;
  readonly #threads: CallThreads;
  readonly #pace: Pace;
  readonly #share: PoolShare;
  #closed = false;

  constructor(root: Root, {remote, onSlow}: DiskOptions) {
    this.#calls = callsUnder(root);
    this.#threads = new CallThreads(root.handle);
    this.#pace = new Pace(remote, onSlow);
    this.#share = new PoolShare(this.#pace);
  }

  /** Whether other threads make the calls now. */
  get slow(): boolean {
    return this.#pace.slow;
  }

  /** Make a call; while the disk is fast, at once on this thread. */
  call<Name extends Exclude<CallName, 'read'>>(
    name: Name,
    ...args: CallArguments<Name>
  ): Awaitable<CallResult<Name>> {
    return this.#pace.slow
      ? this.callInThread(name, ...args)
      : this.#pace.timed(() => this.#calls[name](...args));
  }

  /** Make a call in another thread. */
  callInThread<Name extends Exclude<CallName, 'read'>>(
    name: Name,
    ...args: CallArguments<Name>
  ): Promise<CallResult<Name>> {
    return this.#pace.timedLater(() => this.#threads.run(name, args));
  }

  /** Do `work`, a few short calls, on this thread, and time it. */
  timed<Result>(work: () => Result): Result {
    return this.#pace.timed(work);
  }

  /** Fill `into` from an open file, as `StoredFile.read` does. */
  read(descriptor: number, into: Buffer, position: number, path: RemotePath): Awaitable<number> {
    if (this.#pace.slow) {
      return this.#readInThread(descriptor, into, position, path);
    }

    return into.length <= smallRead
      ? this.#pace.timed(() => readInto(descriptor, into, position, path))
      : this.#share.run(
          () => readIntoLater(descriptor, into, position, path),
          () => this.#readInThread(descriptor, into, position, path),
        );
  }

  /** Close a descriptor, at once or soon: on some file systems closing can take long, too. */
  release(descriptor: number): void {
    if (this.#pace.slow && !this.#closed) {
      this.callInThread('close', descriptor).catch((error: unknown) => {
        // No thread could be started. After any other error the descriptor may be closed already, and its number may
        // belong to another file.
        if (isJangadaError(error, 'busy', 'too_large') && !this.#closed) {
          this.#pace.timed(() => this.#calls.close(descriptor));
        }
      });
    } else {
      this.#pace.timed(() => this.#calls.close(descriptor));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#threads.close();
    this.#pace.close();
  }

  #readInThread(
    descriptor: number,
    into: Buffer,
    position: number,
    path: RemotePath,
  ): Promise<number> {
    return this.#pace.timedLater(() => this.#threads.read(descriptor, into, position, path));
  }
}

async function readIntoLater(
  descriptor: number,
  into: Buffer,
  position: number,
  path: RemotePath,
): Promise<number> {
  try {
    let filled = 0;
    while (filled < into.length) {
      const left = into.length - filled;
      const {bytesRead} = await readLater(descriptor, into, filled, left, position + filled);
      if (bytesRead === 0) {
        break;
      }

      filled += bytesRead;
    }

    return filled;
  } catch (error) {
    throw storeError(error, path);
  }
}
