/** Keeps a server running, and finds a port for it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import net from 'node:net';
import {setTimeout} from 'node:timers/promises';

export type Command = {
  program: string;
  args: readonly string[];
  /** Variables beside those of this process. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** A file that takes what it prints. Without it that is thrown away. */
  output?: string;
};

/**
 * Start a server that listens on `port`, and wait until it does.
 * @param complaints what it writes to standard error: iperf3 complains of the connection by which that is found out.
 */
export async function startDaemon(
  command: Command,
  port: number,
  complaints: 'inherit' | 'ignore' = 'inherit',
): Promise<ChildProcess> {
  const {program, args, env, cwd} = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', complaints],
    env: {...process.env, ...env},
    ...(cwd === undefined ? {} : {cwd}),
  });
  // A program that cannot be started is an event, not an exit.
  let failure: Error | undefined;
  child.once('error', error => {
    failure = error;
  });
  for (;;) {
    if (failure !== undefined) {
      throw failure;
    }

    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode}`);
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
