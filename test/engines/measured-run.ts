/** One run of the client, and its longest pause: the time without received bytes. */
import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {RunningProgram, refuseStackTrace} from '../chaos/program.ts';

/** Fewer bytes do not count as progress: a program often reads a few to wake up its threads. */
const progressBytes = 64 * 1024;

/** The result of a run. */
export type Measured = {
  status: number | null;
  stdout: string;
  stderr: string;
  ms: number;
  /** The longest time without progress. */
  pauseMs: number;
};

export class MeasuredRun {
  readonly program: RunningProgram;
  readonly ended: Promise<Measured>;
  /** Bytes that the client has read so far, most of them from its connections. */
  readBytes = 0;

  /** @param words the command, its masks and options. */
  constructor(words: readonly string[], server: string, home: string) {
    this.program = new RunningProgram('jangada', [...words, '--server', server], home);
    this.ended = this.#measure();
  }

  /** Resolves when the client has read this many bytes, or has ended. */
  async reads(bytes: number): Promise<void> {
    while (this.readBytes < bytes && this.program.ending === undefined) {
      await delay(5);
    }
  }

  async #measure(): Promise<Measured> {
    const startMs = performance.now();
    let mark = {bytes: 0, atMs: startMs};
    let pauseMs = 0;
    while (this.program.ending === undefined) {
      this.readBytes = bytesRead(this.program.pid) ?? this.readBytes;
      const atMs = performance.now();
      if (this.readBytes - mark.bytes >= progressBytes) {
        pauseMs = Math.max(pauseMs, atMs - mark.atMs);
        mark = {bytes: this.readBytes, atMs};
      }

      await delay(5);
    }

    const {status} = await this.program.ended;
    const {stdout, stderr} = this.program;
    refuseStackTrace('client', stderr);
    return {status, stdout, stderr, ms: performance.now() - startMs, pauseMs};
  }
}

/** All bytes that the process has read so far; undefined if it has ended. */
export function bytesRead(pid: number | undefined): number | undefined {
  try {
    const [, count] = /^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
