/**
 * A raw server lies to client processes for some time. Each process runs one command, and must end with a documented
 * status and harmless output. No process may write outside its target, or put a wrong byte under a final name. At the end
 * the same user must get all files from an honest server.
 */
import assert from 'node:assert/strict';
import {lstatSync, mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {basename, join, relative} from 'node:path';
import {RunningProgram, refuseStackTrace} from '../chaos/program.ts';
import {Random} from '../chaos/random.ts';
import {type Files, stray} from './answers.ts';
import type {FuzzOptions, FuzzTally} from './fuzz-server.ts';
import {LyingServer, lieWeights} from './lying-server.ts';
import {ProcessWatch} from './process-watch.ts';

/** Clients that run at the same time. */
const lanes = 2;
const most = {residentMiB: 500, descriptors: 200};
/** A client that has sent no request for this time is waiting, so it is interrupted. */
const idleMs = 700;
const busyMachineMs = 60_000;
const documented = [0, 1, 3, 4, 5, 130];

/** Fuzz clients. @throws an error with the seed if a client did something wrong. */
export async function fuzzClient(options: FuzzOptions): Promise<FuzzTally> {
  const {seconds, log} = options;
  const files = servedFiles(new Random(options.seed));
  const tally: FuzzTally = {attacks: 0, residentMiB: 0, descriptors: 0};
  const endings: VictimOptions['endings'] = new Map();
  const untilMs = performance.now() + seconds * 1000;
  const lane = async (_: unknown, number: number) => {
    await using victim = await Victim.start({...options, files, tally, endings, number});
    do {
      await victim.attack(++tally.attacks);
    } while (performance.now() < untilMs);
    await victim.recover();
  };
  await Promise.all(Array.from({length: lanes}).map(lane));
  const statuses = [...endings].map(([status, count]) => `${count} × ${status}`).join(', ');
  log(`client: ${tally.attacks} commands, at most ${Math.round(tally.residentMiB)} MiB`);
  log(`statuses: ${statuses}`);
  return tally;
}

/** All files have different sizes, so that a client that mistakes one file for another shows a wrong size. */
function servedFiles(random: Random): Files {
  const sizes = {'d/inner': 70_000, large: 2 * 1_048_576 + 77, 'd/e/larger': 3 * 1_048_576 + 1};
  const small = Array.from({length: 40}, (_, index) => [`small ${index}`, index * 3] as const);
  return new Map(
    [...Object.entries(sizes), ...small].map(([name, size]) => [
      name,
      // Half of the large files become smaller when they are compressed.
      name.startsWith('d/') ? Buffer.alloc(size, random.bytes(5000)) : random.bytes(size),
    ]),
  );
}

type VictimOptions = FuzzOptions & {
  files: Files;
  tally: FuzzTally;
  /** The number of commands, by status. */
  endings: Map<number | null, number>;
  number: number;
};

/** The folders of one user, this user's clients, and the server that lies to them. */
class Victim implements AsyncDisposable {
  readonly #options: VictimOptions;
  readonly #server: LyingServer;
  /** The folder for everything of this user. Only known folders may appear in it. */
  readonly #folder: string;

  static async start(options: VictimOptions): Promise<Victim> {
    const honest = {random: new Random(options.seed), share: 0};
    return new Victim(options, await LyingServer.start(options.files, honest));
  }

  private constructor(options: VictimOptions, server: LyingServer) {
    this.#options = options;
    this.#server = server;
    this.#folder = join(options.folder, `user ${options.number}`);
    mkdirSync(this.#home, {recursive: true});
  }

  get #home(): string {
    return join(this.#folder, 'home');
  }

  get #target(): string {
    return join(this.#folder, 'target');
  }

  /** Run one command against the lying server. */
  async attack(number: number): Promise<void> {
    const {seed} = this.#options;
    const random = new Random(seed, number);
    const words = this.#command(random);
    const manner = {random: new Random(seed, -number), share: random.pick([0.02, 0.1, 0.3, 1])};
    // A client often believes several lies of one kind before it ends the connection; of mixed lies, only a few.
    this.#server.manner = random.chance(0.6)
      ? {...manner, lie: random.weighted(lieWeights)}
      : manner;
    if (random.chance(0.5)) {
      // If all files were in place, the client would fetch nothing.
      rmSync(this.#target, {recursive: true, force: true});
    }

    await this.#run(words, number, this.#target);
  }

  /** The same user gets all files from an honest server. */
  async recover(): Promise<void> {
    this.#server.manner = {random: new Random(this.#options.seed), share: 0};
    const target = join(this.#folder, 'recovered');
    const words = [
      'mget',
      '**',
      '--to',
      target,
      '--on-conflict',
      'skip',
      '-s',
      this.#server.address,
    ];
    const {status, stderr} = await this.#run(words, 0, target);
    assert.equal(status, 0, stderr);
    assert.equal(filesIn(target).length, this.#options.files.size, 'all that is served has come');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #command(random: Random): string[] {
    const save = ['--to', this.#target];
    const resume = [...save, '--on-conflict', 'resume'];
    const listed = join(this.#folder, 'checksums');
    const words = random.chance(0.7)
      ? random.pick([
          ['mget', '**', ...resume],
          ['mget', '**', '!small 3*', '--dirs', ...resume],
          ['mget', '**', '--checksums', listed, ...resume],
          ['mget', 'd/**', ...save, '--on-conflict', 'overwrite'],
          ['sget', 'large', ...resume],
          ['cget', 'd/e/larger', ...save],
        ])
      : random.pick([
          ...[['list'], ['list', 'd'], ['list', 'large'], ['hash', 'large:70000']],
          ...[
            ['verify', 'large', 'small 5', ...save],
            ['verify', 'large', '--repair', ...save],
          ],
          ...[
            ['queue', 'add', '**', ...resume],
            ['queue', 'run'],
            ['queue', 'run'],
          ],
        ]);
    const json = random.chance(0.3) ? ['--json'] : [];
    const fetches = ['mget', 'sget', 'cget'].some(command => command === words[0]);
    // At this rate the client asks for compressed blocks.
    const limit = fetches && random.chance(0.5) ? ['--limit', '40M'] : [];
    const retries = words[1] === 'add' ? [] : ['--retries', random.pick(['0', '1', '3'])];
    return [...words, ...json, ...limit, ...retries, '-s', this.#server.address];
  }

  async #run(words: readonly string[], number: number, target: string) {
    const client = new RunningProgram('jangada', words, this.#home);
    using watch = new ProcessWatch(client.pid);
    let isInterrupted = false;
    const timer = setInterval(() => {
      // An honest server makes no client wait. A busy machine may make it slow to send requests, so it is not interrupted.
      const {askedAtMs = Number.POSITIVE_INFINITY, manner} = this.#server;
      if (manner.share > 0 && performance.now() - askedAtMs > idleMs) {
        isInterrupted = true;
        client.signal('SIGINT');
        clearInterval(timer);
      }
    }, 50);
    try {
      const {status, signal} = await client.end(busyMachineMs);
      // A client that has just ended its work no longer handles the signal.
      assert.ok(signal === null || (signal === 'SIGINT' && isInterrupted), `It ends by ${signal}`);
      assert.ok(signal !== null || documented.includes(status ?? -1), `It ends with ${status}`);
      refuseHarm(client, words.includes('--json'));
      watch.refuseMore('client', most);
      this.#refuseWrongFiles(target);
      const {endings, tally} = this.#options;
      endings.set(status, (endings.get(status) ?? 0) + 1);
      tally.residentMiB = Math.max(tally.residentMiB, watch.residentMiB);
      tally.descriptors = Math.max(tally.descriptors, watch.descriptors);
      return {status, stderr: client.stderr};
    } catch (error) {
      const said = `${client.stdout.slice(-2000)}\n${client.stderr.slice(-4000)}`;
      const {seed} = this.#options;
      throw new Error(
        `Seed ${seed}, command ${number}: jangada ${words.join(' ')} said:\n${said}`,
        {
          cause: error,
        },
      );
    } finally {
      clearInterval(timer);
      this.#server.disconnect();
      await client.kill();
    }
  }

  #refuseWrongFiles(target: string): void {
    const known = ['checksums', 'home', 'recovered', 'target'];
    const others = readdirSync(this.#folder).filter(name => !known.includes(name));
    assert.deepEqual(others, [], 'Nothing is written outside of the target');
    for (const path of filesIn(target)) {
      assert.ok(lstatSync(path).isFile(), `${path} is a plain file`);
      const name = relative(target, path);
      // A command for one file saves it under the last part of its path.
      const [, right = stray] =
        [...this.#options.files].find(([path]) => [path, basename(path)].includes(name)) ?? [];
      const isRight = name.endsWith('.jangada-part') || readFileSync(path).equals(right);
      assert.ok(isRight, `${name} has its final name and wrong bytes`);
    }
  }
}

/** The paths of everything below a folder, except folders. */
function filesIn(folder: string): string[] {
  if (lstatSync(folder, {throwIfNoEntry: false}) === undefined) {
    return [];
  }

  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name));
}

/** @throws if the output of the client has an internal error or an unescaped name. */
function refuseHarm({stdout, stderr}: RunningProgram, isJson: boolean): void {
  refuseStackTrace('client', stderr);
  assert.doesNotMatch(stderr, /Internal error/);
  const shown = isJson ? stderr : stdout + stderr;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(shown, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, 'Names are escaped');
}
