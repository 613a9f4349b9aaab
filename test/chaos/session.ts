/**
 * A server, a bad line and a client that downloads the whole tree again and again. A round is one
 * download of the tree into an empty folder, by as many runs of the client as it takes.
 */
import {mkdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {blockSize} from '../../protocol/block.ts';
import {freePort} from '../fixtures/free-port.ts';
import {TcpProxy} from '../fixtures/proxy.ts';
import {BlockMeter} from './block-meter.ts';
import {ClientRun} from './client-run.ts';
import {damage} from './damage.ts';
import {type RunningProgram, startServer} from './program.ts';
import {Random} from './random.ts';
import {Tally} from './tally.ts';
import {Target} from './target.ts';
import {growTree, type Tree, type TreeOptions} from './tree.ts';
import {bytesLost} from './waste.ts';
import {within} from './within.ts';

export type SessionOptions = {
  /** An empty folder, for everything. */
  folder: string;
  seed: number;
  tree: TreeOptions;
  log(line: string): void;
};

/** Bytes a second of the line when nothing is wrong with it. */
const lineRates = [10e6, 25e6, 60e6, 150e6, Number.POSITIVE_INFINITY];

export class Session implements AsyncDisposable {
  readonly tally = new Tally();
  readonly proxy: TcpProxy;
  readonly meter: BlockMeter;
  readonly tree: Tree;
  readonly target: Target;
  readonly log: (line: string) => void;
  readonly #options: SessionOptions;
  readonly #root: string;
  readonly #home: string;
  readonly #port: number;
  #server: RunningProgram | undefined;
  #serverUp: Promise<void> = Promise.resolve();
  #run: ClientRun | undefined;
  #round = 0;

  static async start(options: SessionOptions): Promise<Session> {
    const port = await freePort();
    const meter = new BlockMeter();
    const session = new Session(options, port, await TcpProxy.start(port, meter), meter);
    try {
      session.#startServerIn(0);
      await session.serverUp();
      session.#beginRound();
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: SessionOptions, port: number, proxy: TcpProxy, meter: BlockMeter) {
    this.#options = options;
    this.#port = port;
    this.proxy = proxy;
    this.meter = meter;
    this.log = options.log;
    this.#root = join(options.folder, 'root');
    this.#home = join(options.folder, 'home');
    mkdirSync(this.#root);
    mkdirSync(this.#home);
    this.tree = growTree(this.#root, options.seed, options.tree);
    this.target = new Target(join(options.folder, 'target'), this.tree);
  }

  get serverIsUp(): boolean {
    return this.#server !== undefined && this.#server.ending === undefined;
  }

  /** Resolves when the server accepts connections. */
  async serverUp(): Promise<void> {
    await within(60_000, this.#serverUp, 'the server was not up again');
  }

  /** Kill -9, and up again on its port after `downMs`. */
  async killServer(downMs: number): Promise<void> {
    await this.serverUp();
    const server = this.#server;
    this.#server = undefined;
    await server?.kill();
    this.#startServerIn(downMs);
    refuseStackTrace('server', server?.stderr ?? '');
  }

  /** The client that runs; started if none does. */
  client(): ClientRun {
    this.#run ??= new ClientRun(this, this.#home);
    return this.#run;
  }

  /**
   * If the client has ended: see what that has cost, and begin a new round if all is done, unless
   * what is there is to be kept.
   *
   * @throws if it ended in a way that it should not.
   */
  settle({keep = false} = {}): void {
    const run = this.#run;
    if (run?.program.ending === undefined) {
      return;
    }

    this.#run = undefined;
    for (const link of this.proxy.links) {
      this.proxy.cut(link, 'reset');
    }

    const how = run.howItEnded();
    refuseStackTrace('client', run.program.stderr);
    this.log(`        ${this.tally.addRun(run, how)}`);
    if (how === 'finished') {
      this.target.checkComplete();
      if (!keep) {
        this.#beginRound();
      }
    } else if (how === 'gave up') {
      this.log(`         the client gave up: ${run.program.stderr.trim()}`);
    }
  }

  /** Damage some partials, while no client works on them. @returns what was done. */
  damage(random: Random): string[] {
    const before = this.target.kept();
    const done: string[] = [];
    for (const {path, content} of this.target.partials()) {
      // There are few of large files and may be hundreds of small ones.
      const share = content.length > blockSize ? 0.6 : 0.1;
      const {size, nlink} = statSync(path);
      // With a second name it is the finished file, on its way from the one to the other.
      if (size > 0 && nlink === 1 && random.chance(share)) {
        done.push(damage(path, random));
      }
    }

    this.tally.damaged += done.length;
    this.tally.bytesDamaged += bytesLost(before, this.target.kept(), this.tree);
    return done;
  }

  /** The line as it is in this round. */
  restoreLine(): void {
    this.proxy.bytesPerSecond = new Random(this.#options.seed, -this.#round).pick(lineRates);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serverUp.catch(() => undefined);
    await Promise.all([this.#run?.program.kill(), this.#server?.kill()]);
    await within(30_000, this.proxy[Symbol.asyncDispose](), 'the proxy did not end');
  }

  #beginRound(): void {
    this.#round++;
    this.tally.rounds = this.#round;
    rmSync(this.target.path, {recursive: true, force: true});
    mkdirSync(this.target.path);
    this.target.forget();
    this.restoreLine();
  }

  #startServerIn(ms: number): void {
    this.#serverUp = delay(ms).then(async () => {
      this.#server = await startServer(this.#root, this.#port, this.#home);
    });
    // Whoever needs the server hears of it.
    this.#serverUp.catch(() => undefined);
  }
}

function refuseStackTrace(who: string, text: string): void {
  if (/^\s+at .+:\d+:\d+/m.test(text) || /"level":[56]0|\binternal\b|TypeError/.test(text)) {
    throw new Error(`The ${who} said what nobody should see:\n${text}`);
  }
}
