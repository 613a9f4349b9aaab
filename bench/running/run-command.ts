/** Runs a program to its end, and measures its time, and the memory and processor time of both sides. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import type {Command} from './process.ts';
import {cpuSeconds, cpuSecondsOfEnded, familyOf, peakMBOf} from './usage.ts';

/** Of a program with all that it has started; undefined where /proc does not say. */
export type Usage = {peakMB: number | undefined; cpuSeconds: number | undefined};

export type Run = {seconds: number; client: Usage; server: Usage};

const lookMs = 50;
/** To find new descendants, the states of all processes are read: only with each so many looks. */
const looksPerFamily = 10;

export type RunOptions = {
  /** The other side, of which only what it does during the run is counted. */
  serverPid?: number | undefined;
  /** Ends the program. */
  signal?: AbortSignal | undefined;
};

/** @throws an error with its output if it does not exit with 0. */
export async function runCommand(command: Command, options: RunOptions = {}): Promise<Run> {
  const {serverPid, signal} = options;
  const {program, args, env, cwd, output} = command;
  const stdout = output === undefined ? 'ignore' : openSync(output, 'w');
  try {
    const serverFamily = familyOf(serverPid).length;
    const before = {client: cpuSecondsOfEnded(), server: cpuSeconds(serverPid)};
    const start = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', stdout, 'pipe'],
      env: {...process.env, ...env},
      ...(cwd === undefined ? {} : {cwd}),
      ...(signal === undefined ? {} : {signal}),
    });
    let seconds = Number.NaN;
    let after: number | undefined;
    // The time ends with the process; its last output may be read a little later.
    child.once('exit', () => {
      seconds = (performance.now() - start) / 1000;
      after = cpuSecondsOfEnded();
    });
    let said = '';
    child.stderr?.on('data', chunk => {
      said = `${said}${chunk}`.slice(-2000);
    });
    using client = watchPeak(child.pid);
    using server = watchPeak(serverPid);
    const [status, killedBy] = await once(child, 'close');
    if (status !== 0) {
      throw new Error(`${program} ${args.join(' ')} ended with ${status ?? killedBy}: ${said}`);
    }

    await childrenEnd(serverPid, serverFamily);
    return {
      seconds,
      client: {peakMB: client.MB(), cpuSeconds: difference(before.client, after)},
      server: {
        peakMB: server.MB(),
        cpuSeconds: difference(before.server, cpuSeconds(serverPid)),
      },
    };
  } finally {
    if (typeof stdout === 'number') {
      closeSync(stdout);
    }
  }
}

/** The mark of each process only rises, so the last look is the highest, short of the very end. */
function watchPeak(pid: number | undefined): {MB(): number | undefined} & Disposable {
  let MB: number | undefined;
  let looks = 0;
  let family: number[] = [];
  const look = (): void => {
    if (looks++ % looksPerFamily === 0) {
      family = familyOf(pid);
    }

    const now = peakMBOf(family);
    MB = now === undefined ? MB : Math.max(MB ?? 0, now);
  };
  const timer = setInterval(look, lookMs);
  return {
    MB() {
      look();
      return MB;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The time of a process that a server has started for a client counts once it has ended: shortly after the client. */
async function childrenEnd(serverPid: number | undefined, family: number): Promise<void> {
  for (let look = 0; look < 50 && familyOf(serverPid).length > family; look++) {
    await wait(20);
  }
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
