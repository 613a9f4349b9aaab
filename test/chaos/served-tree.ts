/** A tree, a server of it that the test can kill, and the bad line between the server and its clients. */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {freePort} from '../fixtures/free-port.ts';
import {TcpProxy} from '../fixtures/proxy.ts';
import {BlockMeter} from './block-meter.ts';
import {type RunningProgram, refuseStackTrace, startServer} from './program.ts';
import {growTree, type Tree, type TreeOptions} from './tree.ts';
import {within} from './within.ts';

export type ServedTreeOptions = {
  /** An empty folder, for all files of the run. */
  folder: string;
  seed: number;
  tree: TreeOptions;
};

export class ServedTree implements AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly meter: BlockMeter;
  readonly tree: Tree;
  /** The folder for all files that the programs keep outside the folders in their arguments. */
  readonly home: string;
  /** The rate of the undisturbed line, in bytes a second. */
  lineRate = Number.POSITIVE_INFINITY;
  readonly #root: string;
  readonly #port: number;
  #server: RunningProgram | undefined;
  #serverUp: Promise<void> = Promise.resolve();

  /** Resolves when the server accepts connections. */
  static async start(options: ServedTreeOptions): Promise<ServedTree> {
    const port = await freePort();
    const meter = new BlockMeter();
    const served = new ServedTree(options, port, await TcpProxy.start(port, meter), meter);
    try {
      served.#startServerIn(0);
      await served.serverUp();
      return served;
    } catch (error) {
      await served[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    options: ServedTreeOptions,
    port: number,
    proxy: TcpProxy,
    meter: BlockMeter,
  ) {
    this.#port = port;
    this.proxy = proxy;
    this.meter = meter;
    this.#root = join(options.folder, 'root');
    this.home = join(options.folder, 'home');
    mkdirSync(this.#root);
    mkdirSync(this.home);
    this.tree = growTree(this.#root, options.seed, options.tree);
  }

  /** The address of the proxy, for `--server`. */
  get address(): string {
    return `jangada://127.0.0.1:${this.proxy.port}`;
  }

  get serverIsUp(): boolean {
    return this.#server !== undefined && this.#server.ending === undefined;
  }

  /** Resolves when the server accepts connections. */
  async serverUp(): Promise<void> {
    await within(60_000, this.#serverUp, 'the server was not up again');
  }

  /** Kill the server, and start it again on its port after `downMs`. */
  async killServer(downMs: number): Promise<void> {
    await this.serverUp();
    const server = this.#server;
    this.#server = undefined;
    await server?.kill();
    this.#startServerIn(downMs);
    refuseStackTrace('server', server?.stderr ?? '');
  }

  /** Give the line its undisturbed rate again. */
  restoreLine(): void {
    this.proxy.bytesPerSecond = this.lineRate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serverUp.catch(() => undefined);
    await this.#server?.kill();
    await within(30_000, this.proxy[Symbol.asyncDispose](), 'the proxy did not end');
  }

  #startServerIn(ms: number): void {
    this.#serverUp = delay(ms).then(async () => {
      this.#server = await startServer(this.#root, this.#port, this.home);
    });
    // A caller that needs the server gets this error from `serverUp`.
    this.#serverUp.catch(() => undefined);
  }
}
