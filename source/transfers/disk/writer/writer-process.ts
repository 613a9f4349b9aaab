/** Starts the process that writes small files (`writer-worker.ts`), and sends requests to it. */
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
 * Most bytes of files that the writer may hold unwritten. Beyond that, this process writes files itself, at nearly
 * twice the cost. If all cores are busy, it is better that the writer always has some files in hand.
 */
const mostBytesInHand = 8_388_608;

/** Threads of the writer for flushes: the journal of a disk combines flushes that run at the same time. */
const threads = '16';

/** The writer has few objects, and no large ones. */
const options = ['--max-semi-space-size=1', '--max-old-space-size=64', '--no-warnings'];

export class WriterProcess {
  readonly #socket: Socket;
  /** By request number. */
  readonly #answers = new Map<number, (answer: WriterAnswer | undefined) => void>();
  #isReady = false;
  #lastId = 0;
  #lastGroup = 0;
  #bytesInHand = 0;

  /**
   * Start the writer. This process does not end while it waits for an answer, but does not wait for the writer's exit.
   *
   * @param ready called when the writer can be used.
   * @param ended called once, when the writer has ended or could not be started.
   * @throws JangadaError, or the system's error, if the writer cannot be started.
   */
  constructor(ready: () => void, ended: () => void) {
    // The build puts all programs and workers into one folder.
    const file = import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js';
    const child = spawn(
      process.execPath,
      [...options, fileURLToPath(new URL(file, import.meta.url))],
      {
        // So that the writer does not keep the starting folder of this process in use.
        cwd: '/',
        // In a process group of its own, so that Ctrl-C reaches only this process.
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
    // A failed start is reported a moment later, and then there may be no streams.
    child.on('error', end);
    const socket: unknown = child.stdio?.[3];
    if (!(socket instanceof Socket)) {
      throw new JangadaError('local_io', 'The writer process could not be started');
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

  /** Whether the writer has said that it is ready, and has not ended. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** A new number for a group of files. */
  newGroup(): number {
    return ++this.#lastGroup;
  }

  /** Whether the writer is ready and can take `bytes` more. */
  canTake(bytes: number): boolean {
    return this.#isReady && this.#bytesInHand + bytes <= mostBytesInHand;
  }

  /**
   * Send a request.
   *
   * @param bytes contents of the files to write.
   * @param sent called when `bytes` is no longer used.
   * @returns the answer; undefined if the writer has ended, and it is unknown what it has done.
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
      // The callback is also called after an error.
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

  /** End the writer. No request follows. */
  end(): void {
    this.#socket.destroy();
  }
}
