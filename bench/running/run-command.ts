/** Runs a program to its end, and measures its time, and memory and processor time of both sides. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import type {Command} from './process.ts';
import {cpuSeconds, cpuSecondsOf, cpuSecondsOfEnded, familyOf, peakMBOf} from './usage.ts';

/** The usage of a program and its descendants; undefined without /proc. */
export type Usage = {peakMB: number | undefined; cpuSeconds: number | undefined};

export type Run = {seconds: number; client: Usage; server: Usage};

const lookMs = 50;
/** Finding new descendants means reading the states of all processes, so it happens only once in so many checks. */
const looksPerFamily = 10;

export type RunOptions = {
  /** The process of the other side; only its usage during the run counts. */
  serverPid?: number | undefined;
  /** Aborting it ends the program. */
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
    // The measured time ends with the process; its last output may be read a little later.
    child.once('exit', () => {
      seconds = (performance.now() - start) / 1000;
      after = cpuSecondsOfEnded();
    });
    let said = '';
    child.stderr?.on('data', chunk => {
      said = `${said}${chunk}`.slice(-2000);
    });
    using client = watch(child.pid);
    using server = watch(serverPid);
    const [status, killedBy] = await once(child, 'close');
    if (status !== 0) {
      throw new Error(`${program} ${args.join(' ')} ended with ${status ?? killedBy}: ${said}`);
    }

    await childrenEnd(serverPid, serverFamily);
    return {
      seconds,
      client: {
        peakMB: client.last().MB,
        // The sum over ended processes misses those that nobody waited for; the checks have seen them.
        cpuSeconds: larger(difference(before.client, after), client.last().cpuSeconds),
      },
      server: {
        peakMB: server.last().MB,
        cpuSeconds: difference(before.server, cpuSeconds(serverPid)),
      },
    };
  } finally {
    if (typeof stdout === 'number') {
      closeSync(stdout);
    }
  }
}

/** Check the usage regularly. Both values only rise, so the last check gives the highest ones, except for the very end. */
function watch(pid: number | undefined): Disposable & {
  last(): {readonly MB: number | undefined; readonly cpuSeconds: number | undefined};
} {
  let MB: number | undefined;
  let used: number | undefined;
  let looks = 0;
  let family: number[] = [];
  const look = (): void => {
    if (looks++ % looksPerFamily === 0) {
      family = familyOf(pid);
    }

    MB = larger(MB, peakMBOf(family));
    used = larger(used, cpuSecondsOf(family));
  };
  const timer = setInterval(look, lookMs);
  return {
    last() {
      look();
      return {MB, cpuSeconds: used};
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** Wait for a server's process for the client to end, shortly after the client: only then its processor time counts. */
async function childrenEnd(serverPid: number | undefined, family: number): Promise<void> {
  for (let look = 0; look < 50 && familyOf(serverPid).length > family; look++) {
    await wait(20);
  }
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
