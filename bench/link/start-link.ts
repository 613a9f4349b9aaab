/** Starts a link in its own process. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {stopDaemon} from '../running/process.ts';
import type {LinkOptions} from './link.ts';

export type RunningLink = AsyncDisposable & {readonly port: number};

/** @param port the port of 127.0.0.1 to which the link leads. */
export async function startLink(port: number, options: LinkOptions): Promise<RunningLink> {
  const program = path.join(import.meta.dirname, 'run-link.ts');
  const {roundTripMs, bytesPerSecond} = options;
  const words = [port, roundTripMs, bytesPerSecond].map(String);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({input: child.stdout}), 'line');
  return {port: Number(line), [Symbol.asyncDispose]: () => stopDaemon(child)};
}
