/** An ssh process whose standard input and output are one stream for both directions. */
import {type ChildProcess, spawn} from 'node:child_process';
import process from 'node:process';
import type {Readable, Writable} from 'node:stream';
import type {WayEvents} from '../way.ts';
import {CopiedReads} from './copied-reads.ts';
import {socketPair} from './socket-pair.ts';

export type Channel = {
  readonly child: ChildProcess;
  readonly input: Writable;
  /** Ends when ssh has closed it and all bytes were read. */
  readonly output: Readable;
  /** Continue to read. */
  resume(): void;
};

type ChannelOptions = {
  readonly program: string;
  readonly words: readonly string[];
  /** A path for a temporary socket. */
  readonly path: string;
};

/** In a process group of its own, so that Ctrl-C reaches only this process, which ends ssh in good order. */
const apart = {detached: true, windowsHide: true};

/** Start an ssh process. `events` gets its output. */
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
    // The child has its own copy.
    far.destroy();
  }
}
