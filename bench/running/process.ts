/** Keeps a server running, and finds a port for it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import net from 'node:net';
import {setTimeout} from 'node:timers/promises';

export type Command = {
  program: string;
  args: readonly string[];
  /** Environment variables in addition to those of this process. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** A file for its output. Default: the output is dropped. */
  output?: string;
};

/**
 * Start a server that listens on `port`, and wait until it listens.
 * @param complaints where its standard error goes: iperf3 complains about the test connection.
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
  // A program that cannot be started emits an event and does not exit.
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
 * A free port of 127.0.0.1 outside the range of ephemeral ports: the system could give an ephemeral port to another
 * connection before the server listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + randomInt(20_000);
    const server = net.createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      // The port is in use.
      continue;
    }

    server.close();
    await once(server, 'close');
    return port;
  }
}
