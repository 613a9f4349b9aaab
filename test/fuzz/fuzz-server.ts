/**
 * A raw client sends mutated requests to a server process for some time. The server must still answer a good client, must
 * print no internal error, and must end normally on SIGTERM.
 *
 *     Random(seed, 1) ─► connection 1 ─┐
 *     Random(seed, 2) ─► connection 2 ─┼─► jangada-server        a good client sends a request now and then
 *     …                                ┘
 */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type RunningProgram, refuseStackTrace, startServer} from '../chaos/program.ts';
import {Random} from '../chaos/random.ts';
import {within} from '../chaos/within.ts';
import {entriesIn, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';
import {mutated} from './mutate.ts';
import {ProcessWatch} from './process-watch.ts';
import {requests} from './requests.ts';

export type FuzzOptions = {
  /** A folder for this run only. */
  folder: string;
  seed: number;
  seconds: number;
  log(line: string): void;
};

export type FuzzTally = {
  /** Connections to the server, or runs of the client, that got mutated bytes. */
  attacks: number;
  residentMiB: number;
  descriptors: number;
};

/** Connections at the same time, fewer than the server allows from one address. */
const lanes = 6;
const checkEvery = 40;
/** Several times what a program needs, but less than a leak would soon take. */
const most = {residentMiB: 500, descriptors: 200};
const busyMachineMs = 60_000;

/** Fuzz a server. @throws an error with the seed if the server did something wrong. */
export async function fuzzServer({folder, seed, seconds, log}: FuzzOptions): Promise<FuzzTally> {
  const root = join(folder, 'served');
  const random = new Random(seed);
  const files = {
    ...{small: random.bytes(5), empty: Buffer.alloc(0), large: random.bytes(2 * 1_048_576 + 77)},
    'folder/inner': random.bytes(70_000),
  };
  mkdirSync(join(root, 'folder'), {recursive: true});
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(root, name), bytes);
  }

  const server = await startServer(root, 0, join(folder, 'home'));
  const port = Number(/:(\d+)/.exec(server.stdout.slice('jangada:'.length))?.[1]);
  using watch = new ProcessWatch(server.pid);
  let attacks = 0;
  try {
    await goodClient(port, files);
    const idle = watch.held(root);
    const untilMs = performance.now() + seconds * 1000;
    const lane = async () => {
      while (performance.now() < untilMs && server.ending === undefined) {
        const number = ++attacks;
        await attack(port, new Random(seed, number));
        if (number % checkEvery === 0) {
          await goodClient(port, files);
          watch.refuseMore('server', most);
        }
      }
    };
    await Promise.all(Array.from({length: lanes}, lane));
    await goodClient(port, files);
    watch.refuseMore('server', most);
    await lettingGo(() => watch.held(root), idle);
    server.signal('SIGTERM');
    const {status} = await server.end(busyMachineMs);
    assert.equal(status, 0, 'The server ends as it should');
    refuseStackTrace('server', server.stderr);
    log(`server: ${attacks} connections, at most ${Math.round(watch.residentMiB)} MiB`);
    return {attacks, residentMiB: watch.residentMiB, descriptors: watch.descriptors};
  } catch (error) {
    throw new Error(`Seed ${seed}, connection ${attacks}. ${wordsOf(server)}`, {cause: error});
  } finally {
    await server.kill();
  }
}

/** One connection: mutated requests in pieces. Then it reads the answer for a moment, or ignores it. */
async function attack(port: number, random: Random): Promise<void> {
  using peer = await RawPeer.silent({host: '127.0.0.1', port});
  const preface = Buffer.from('jangada/1\r\n');
  const frames = requests(random.between(1, 12), random);
  // The server reads later bytes only if the earlier ones were good.
  const bytes = random.chance(0.05)
    ? mutated([preface, ...frames], random)
    : Buffer.concat([preface, mutated(frames, random)]);
  if (random.chance(0.1)) {
    peer.socket.pause();
  }

  for (let at = 0; at < bytes.length; ) {
    const length = random.chance(0.8) ? bytes.length : random.between(1, 2000);
    peer.send(bytes.subarray(at, at + length));
    at += length;
    await Promise.race([peer.end(), new Promise(setImmediate)]);
  }

  const leave = random.pick(['at once', 'in order', 'with a reset']);
  if (leave === 'in order') {
    peer.socket.end();
  }

  const readMs = random.pick([0, 1, 10, 50]);
  await Promise.race([peer.end(), new Promise(resolve => setTimeout(resolve, readMs))]);
  // If a socket is reset while it is ending, Node keeps it for ever.
  if (leave === 'with a reset') {
    peer.socket.resetAndDestroy();
  }
}

/** Check that a good client gets right answers, whatever the other clients do. */
async function goodClient(port: number, files: Readonly<Record<string, Buffer>>): Promise<void> {
  using peer = await within(
    busyMachineMs,
    RawPeer.greeted({host: '127.0.0.1', port}),
    'A good client is not greeted',
  );
  const check = async () => {
    const found = entriesIn(await peer.ask(kinds.find, {path: '', masks: ['**']}));
    assert.deepEqual(found.map(({name}) => name).sort(), Object.keys(files).sort());
    for (const [path, bytes] of Object.entries(files)) {
      const frames = await peer.ask(kinds.get, {path});
      assert.equal(frames.at(-1)?.kind, kinds.end, path);
      const blocks = frames.filter(({kind}) => kind === kinds.block);
      const came = Buffer.concat(blocks.map(({payload}) => payload.subarray(40)));
      assert.ok(came.equals(bytes), `${path} comes as it is`);
      for (const {payload} of blocks) {
        const digest = createHash('sha256').update(payload.subarray(40)).digest();
        assert.ok(digest.equals(payload.subarray(8, 40)), `a block of ${path} has its digest`);
      }
    }
  };
  await within(busyMachineMs, check(), 'A good client is not answered');
}

/** Resolves when the server has closed the sockets and files of clients that have left. */
async function lettingGo(held: () => number, idle: number): Promise<void> {
  const deadline = performance.now() + busyMachineMs;
  while (held() > idle) {
    if (performance.now() > deadline) {
      throw new Error(`The server still holds ${held()} sockets and files, not ${idle}`);
    }

    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

function wordsOf(server: RunningProgram): string {
  return `${server.ending === undefined ? 'It runs' : `It ended: ${JSON.stringify(server.ending)}`}, and said:\n${server.stderr.slice(-4000)}`;
}
