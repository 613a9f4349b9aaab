/** A process that writes small files beside this one (`writer-worker.ts`), and the requests to it. */
import type {Buffer} from 'node:buffer';
import {spawn} from 'node:child_process';
import {Socket} from 'node:net';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {JangadaError} from '../../../../protocol/errors.ts';
import {
  encodeMessage,
  type FromWriter,
  MessageReader,
  type WriterAnswer,
  type WriterRequest,
} from './writer-messages.ts';

/**
 * Bytes of files that it may have, and not have written. Whoever has more writes them itself, at nearly twice the
 * cost: where all cores are busy, it is better that it has some in hand.
 */
const mostBytesInHand = 8_388_608;

/** Threads that flush there: the journal of a disk takes the flushes of all of them at once. */
const threads = '16';

/** It has few objects, and no large ones. */
const options = ['--max-semi-space-size=1', '--max-old-space-size=64', '--no-warnings'];

export class WriterProcess {
  readonly #socket: Socket;
  /** By number of the request. */
  readonly #answers = new Map<number, (answer: WriterAnswer | undefined) => void>();
  #isReady = false;
  #lastId = 0;
  #lastGroup = 0;
  #bytesInHand = 0;

  /**
   * Start it. This process does not end as long as it waits for an answer of it, but does not wait for its end.
   *
   * @param ready called when it can be used.
   * @param ended called once, when it has ended, or could not be started.
   * @throws JangadaError, or the error of the system, if it cannot be started.
   */
  constructor(ready: () => void, ended: () => void) {
    // The build puts every program and worker side by side.
    const file = import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js';
    const child = spawn(
      process.execPath,
      [...options, fileURLToPath(new URL(file, import.meta.url))],
      {
        // Not to keep the folder in use that this process was started in.
        cwd: '/',
        // In a group of its own: Ctrl-C is for this process.
        detached: true,
        env: {...process.env, NODE_OPTIONS: '', UV_THREADPOOL_SIZE: threads},
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      },
    );
    let hasEnded = false;
    const end = () => {
      if (!hasEnded) {
        hasEnded = true;
        this.#isReady = false;
        ended();
        for (const answer of [...this.#answers.values()]) {
          answer(undefined);
        }
      }
    };
    // Where it could not be started, that is told in a moment, and there may be no streams.
    child.on('error', end);
    const socket: unknown = child.stdio?.[3];
    if (!(socket instanceof Socket)) {
      throw new JangadaError('local_io', 'The process that writes could not be started');
    }

    this.#socket = socket;
    const reader = new MessageReader<FromWriter>(message => {
      if (message === 'ready') {
        this.#isReady = true;
        ready();
      } else {
        this.#answers.get(message.id)?.(message.answer);
      }
    });
    this.#socket.on('error', end);
    this.#socket.on('close', end);
    this.#socket.on('data', (chunk: Buffer) => reader.take(chunk));
    child.unref();
    this.#socket.unref();
  }

  /** Whether it has said that it can do what it is for, and has not ended. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** A number for a group of files. */
  newGroup(): number {
    return ++this.#lastGroup;
  }

  /** Whether it is there, and not far behind. */
  canTake(bytes: number): boolean {
    return this.#isReady && this.#bytesInHand + bytes <= mostBytesInHand;
  }

  /**
   * Ask it for something.
   *
   * @param bytes those of the files to write.
   * @param sent called when `bytes` is not used any more.
   * @returns its answer; undefined if it has ended, and it is not known what it did.
   */
  request(
    request: WriterRequest,
    bytes?: Buffer,
    sent?: () => void,
  ): Promise<WriterAnswer | undefined> {
    const socket = this.#socket;
    const answers = this.#answers;
    if (!this.#isReady) {
      sent?.();
      return Promise.resolve(undefined);
    }

    const id = ++this.#lastId;
    const length = bytes?.length ?? 0;
    this.#bytesInHand += length;
    socket.cork();
    socket.write(encodeMessage({id, request}, length));
    if (bytes !== undefined) {
      // Called after an error, too.
      socket.write(bytes, () => sent?.());
    }

    socket.uncork();
    socket.ref();
    return new Promise(resolve => {
      answers.set(id, answer => {
        this.#bytesInHand -= length;
        answers.delete(id);
        if (answers.size === 0) {
          socket.unref();
        }

        resolve(answer);
      });
    });
  }

  /** Nothing more is asked of it. */
  end(): void {
    this.#socket.destroy();
  }
}
