/** Runs a program and measures its time and memory, or keeps one running. */
import {type ChildProcess, spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {setTimeout} from 'node:timers/promises';

export type Command = {program: string; args: readonly string[]};

export type Run = {
  seconds: number;
  /** Highest resident memory, in MB of a million bytes; undefined where /proc does not say. */
  peakMB: number | undefined;
};

/** Run to the end. @throws an error with its output if it does not exit with 0. */
export async function runCommand({program, args}: Command): Promise<Run> {
  const start = performance.now();
  const child = spawn(program, args, {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  child.stderr.on('data', chunk => {
    said = `${said}${chunk}`.slice(-2000);
  });
  let peak: number | undefined;
  // The mark only rises, so the last look is the highest, short of the very end.
  const timer = setInterval(() => {
    peak = peakMB(child.pid) ?? peak;
  }, 20);
  try {
    const [status] = await once(child, 'close');
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) {
      throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${said}`);
    }

    return {seconds, peakMB: peak};
  } finally {
    clearInterval(timer);
  }
}

/** Highest resident memory so far of a process that runs. */
export function peakMB(pid: number | undefined): number | undefined {
  return memoryMB(pid, /^VmHWM:\s+(\d+) kB$/m);
}

/** Resident memory now, in the same unit. */
export function residentMB(pid: number | undefined): number | undefined {
  return memoryMB(pid, /^VmRSS:\s+(\d+) kB$/m);
}

function memoryMB(pid: number | undefined, line: RegExp): number | undefined {
  try {
    const kB = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6;
  } catch {
    // Gone already, or not on Linux.
    return undefined;
  }
}

/** Start a server that listens on `port`, and wait until it does. */
export async function startDaemon({program, args}: Command, port: number): Promise<ChildProcess> {
  const child = spawn(program, args, {stdio: ['ignore', 'ignore', 'inherit']});
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`${program} ended with ${child.exitCode}`);
    }

    if (await accepts(port)) {
      return child;
    }

    await setTimeout(20);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function stopDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}

/**
 * A port of 127.0.0.1 that nothing listens on now, and none that systems hand out by themselves:
 * before it is listened on, a connection of another program could be given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + randomInt(20_000);
    const server = net.createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      // It is taken.
      continue;
    }

    server.close();
    await once(server, 'close');
    return port;
  }
}
