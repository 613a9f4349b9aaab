/** A process of ssh whose standard input and output are a stream that both sides read and write. */
import {type ChildProcess, spawn} from 'node:child_process';
import process from 'node:process';
import type {Readable, Writable} from 'node:stream';
import type {WayEvents} from '../way.ts';
import {CopiedReads} from './copied-reads.ts';
import {socketPair} from './socket-pair.ts';

export type Channel = {
  readonly child: ChildProcess;
  readonly input: Writable;
  /** Ends when ssh has closed it and all of it was read. */
  readonly output: Readable;
  /** Read on. */
  resume(): void;
};

type ChannelOptions = {
  readonly program: string;
  readonly words: readonly string[];
  /** A path for a socket, for a moment. */
  readonly path: string;
};

/** In a group of its own: Ctrl-C is for this process, which ends it in good order. */
const apart = {detached: true, windowsHide: true};

/** Begin a process of ssh; what it writes is told to `events`. */
export async function openChannel(
  {path, program, words}: ChannelOptions,
  events: Pick<WayEvents, 'room' | 'read'>,
): Promise<Channel> {
  if (process.platform === 'win32') {
    const child = spawn(program, words, {...apart, stdio: 'pipe'});
    const reads = new CopiedReads(child.stdout, events);
    return {child, input: child.stdin, output: child.stdout, resume: () => reads.resume()};
  }

  const {near, far} = await socketPair(path, {
    buffer: () => events.room(),
    callback: (count, buffer) => events.read(count, buffer),
  });
  try {
    const child = spawn(program, words, {...apart, stdio: [far, far, 'pipe']});
    return {child, input: near, output: near, resume: () => near.resume()};
  } catch (error) {
    near.destroy();
    throw error;
  } finally {
    // The child has its own.
    far.destroy();
  }
}
