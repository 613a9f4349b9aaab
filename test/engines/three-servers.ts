/**
 * Three servers of the same files behind HAProxy, as programs:
 *
 *     client ──► HAProxy ─┬─► jangada-server ──► its root
 *                         ├─► jangada-server ──► its root
 *                         └─► jangada-server ──► its root
 */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {type RunningProgram, refuseStackTrace, startServer} from '../chaos/program.ts';
import {freePort} from '../fixtures/free-port.ts';
import {Haproxy} from './haproxy.ts';

/** A server is down after six seconds, more than the 5 s of --grace. HAProxy then closes the connections to it. */
const serverOptions =
  'send-proxy-v2 check-send-proxy check inter 200ms fall 30 rise 1 on-marked-down shutdown-sessions';

export class ThreeServers implements AsyncDisposable {
  readonly haproxy: Haproxy;
  /** The folder for all files that programs keep outside the folders in their arguments. */
  readonly home: string;
  readonly #roots: readonly string[];
  readonly #ports: readonly number[];
  readonly #optionsOf: (index: number) => readonly string[];
  readonly #servers: Array<RunningProgram | undefined> = [];
  /** The logs of servers that have ended. */
  #logs = '';

  /**
   * @param roots the folder of each server. All of them have the same files.
   * @param optionsOf more options for the server with this index, besides those that it needs behind HAProxy.
   */
  static async start(
    folder: string,
    roots: readonly string[],
    optionsOf: (index: number) => readonly string[] = () => [],
  ): Promise<ThreeServers> {
    const ports = [];
    for (const _ of roots) {
      ports.push(await freePort());
    }

    const addresses = ports.map(port => `127.0.0.1:${port}`);
    const haproxy = await Haproxy.start(folder, addresses, serverOptions);
    const home = join(folder, 'home');
    mkdirSync(home);
    const cluster = new ThreeServers(haproxy, home, roots, ports, optionsOf);
    try {
      await Promise.all(roots.map((_, index) => cluster.startServer(index)));
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    haproxy: Haproxy,
    home: string,
    roots: readonly string[],
    ports: readonly number[],
    optionsOf: (index: number) => readonly string[],
  ) {
    this.haproxy = haproxy;
    this.home = home;
    this.#roots = roots;
    this.#ports = ports;
    this.#optionsOf = optionsOf;
  }

  /** The address of HAProxy, for `--server`. */
  get address(): string {
    return `jangada://127.0.0.1:${this.haproxy.port}`;
  }

  /** The warnings and errors that all servers have logged. */
  get logs(): string {
    return this.#logs + this.#servers.map(server => server?.stderr ?? '').join('');
  }

  /** The indexes of the running servers. */
  get running(): number[] {
    return this.#ports.flatMap((_, index) => (this.#servers[index] === undefined ? [] : [index]));
  }

  pid(index: number): number {
    return this.#server(index).pid ?? Number.NaN;
  }

  /** Resolves when HAProxy sends clients to the server. */
  async startServer(index: number): Promise<void> {
    this.#servers[index] = await startServer(
      this.#roots[index] ?? '',
      this.#ports[index] ?? 0,
      this.home,
      ['--trust-proxy', '127.0.0.1', '--insecure', '--no-token', ...this.#optionsOf(index)],
    );
    await this.#inState(index, 'UP');
  }

  async kill(index: number): Promise<void> {
    await this.#server(index).kill();
    this.#forget(index);
  }

  /** Send SIGTERM, as for an update. Resolves when the server has ended. @throws unless it ends with 0. */
  async drain(index: number): Promise<void> {
    const server = this.#server(index);
    server.signal('SIGTERM');
    const {status} = await server.end(60_000);
    if (status !== 0) {
      throw new Error(`A server that was asked to stop ended with ${status}: ${server.stderr}`);
    }

    this.#forget(index);
  }

  signal(index: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server(index).signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.running.map(index => this.kill(index)));
    await this.haproxy[Symbol.asyncDispose]();
    refuseStackTrace('servers', this.#logs);
  }

  #server(index: number): RunningProgram {
    const server = this.#servers[index];
    if (server === undefined) {
      throw new Error(`The server ${index} does not run`);
    }

    return server;
  }

  #forget(index: number): void {
    this.#logs += this.#server(index).stderr;
    this.#servers[index] = undefined;
  }

  async #inState(index: number, state: string): Promise<void> {
    let isThere = false;
    while (!isThere) {
      const {states} = await this.haproxy.stats();
      isThere = states[index] === state;
    }
  }
}
