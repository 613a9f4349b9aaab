import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type ChildProcess, spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseAddress} from '../../../../../protocol/address.ts';
import {patternedBytes, until} from '../../../../fixtures/server/server-folder.ts';
import {
  blockOf,
  entriesIn,
  json,
  kinds,
  type RawFrame,
  RawPeer,
} from '../../../../fixtures/server/server-raw-peer.ts';

const cli = fileURLToPath(new URL('../../../../../server/cli.ts', import.meta.url));
const stallingDisk = new URL('../../../../fixtures/server/stalling-disk.ts', import.meta.url).href;
const large = patternedBytes(3 * 1_048_576 + 5);
/** More than the system takes for a client that does not read. */
const huge = patternedBytes(32 * 1_048_576);

/** A server of its own process, on a disk whose files in `stalled/` can be made to hang. */
class StallingServer {
  readonly child: ChildProcess;
  readonly logs: string[] = [];
  readonly #folder: string;
  readonly #peers: RawPeer[] = [];
  #address = {host: '', port: 0};

  private constructor(folder: string, environment: Record<string, string>) {
    this.#folder = folder;
    const args = ['--import', 'tsx', '--import', stallingDisk, cli, join(folder, 'served')];
    this.child = spawn(process.execPath, [...args, '--port', '0', '--workers', '2'], {
      env: {...process.env, STALL: join(folder, 'control'), ...environment},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  static async start(
    names: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<StallingServer> {
    const folder = mkdtempSync(join(tmpdir(), 'jangada-stalling-'));
    for (const name of names) {
      const path = join(folder, 'served', name);
      mkdirSync(dirname(path), {recursive: true});
      const content = name.endsWith('large') ? large : name.endsWith('huge') ? huge : name;
      writeFileSync(path, content);
    }

    const server = new StallingServer(folder, environment);
    const {stdout, stderr} = server.child;
    if (stdout === null || stderr === null) {
      throw new Error('The server has no output');
    }

    createInterface(stderr).on('line', line => server.logs.push(line));
    const [line] = await once(createInterface(stdout), 'line');
    const {host, port} = parseAddress(String(line));
    server.#address = {host, port};
    return server;
  }

  /** From now on calls on `stalled/` take so many milliseconds, or hang. */
  stall(how: number | 'hang' | 'hang reads'): void {
    writeFileSync(join(this.#folder, 'control'), String(how));
  }

  get isSlow(): boolean {
    return this.logs.some(line => line.includes('the disk is slow'));
  }

  async peer(localAddress = '127.0.0.1'): Promise<RawPeer> {
    const peer = await RawPeer.greeted({...this.#address, localAddress});
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stall(0);
    for (const peer of this.#peers) {
      peer.socket.destroy();
    }

    if (this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }

    rmSync(this.#folder, {recursive: true, force: true});
  }
}

function bytesOf(frames: readonly RawFrame[]): string {
  const blocks = frames.filter(({kind}) => kind === kinds.block);
  return Buffer.concat(blocks.map(frame => blockOf(frame).bytes)).toString('latin1');
}

/** Ask for everything that a client asks for, of files that do not hang. */
async function checkOthers(server: StallingServer): Promise<void> {
  const peer = await server.peer();
  assert.deepEqual((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.equal(bytesOf(await peer.ask(kinds.get, {path: 'small'})), 'small');
  assert.equal(bytesOf(await peer.ask(kinds.get, {path: 'large'})), large.toString('latin1'));
  assert.equal((await peer.ask(kinds.stat, {path: 'large'})).at(-1)?.kind, kinds.entry);
  assert.equal(entriesIn(await peer.ask(kinds.list, {path: ''})).length, 3);
  const found = await peer.ask(kinds.find, {path: '', masks: ['*']});
  assert.deepEqual(
    entriesIn(found)
      .map(({name}) => name)
      .sort(),
    ['large', 'small'],
  );
  assert.equal((await peer.ask(kinds.digests, {path: 'large'})).at(-1)?.kind, kinds.end);
  const hash = await peer.ask(kinds.hash, {path: 'small', algorithm: 'sha1'});
  assert.equal(hash.at(-1)?.kind, kinds.hashed);
  peer.request(kinds.get, {path: 'missing'});
  assert.equal(await peer.errorCode(), 'not_found');
}

test('after one slow call, files that hang hold up their own clients alone', async () => {
  const hanging = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => `stalled/${name}`);
  const names = ['small', 'large', 'stalled/large', 'stalled/first', ...hanging];
  await using server = await StallingServer.start(names);
  const first = await server.peer();
  assert.equal(server.isSlow, false);
  server.stall(150);
  assert.equal(bytesOf(await first.ask(kinds.get, {path: 'stalled/first'})), 'stalled/first');
  await until(() => server.isSlow, 'the disk is known to be slow');
  server.stall('hang');
  const held = await Promise.all(hanging.map(() => server.peer()));
  for (const [index, peer] of held.entries()) {
    peer.request(kinds.get, {path: hanging[index]});
  }

  const reader = await server.peer();
  reader.request(kinds.get, {path: 'stalled/large'});
  await checkOthers(server);
  const greeting = [...held, reader].map(peer => peer.received);
  server.stall(0);
  for (const [index, peer] of held.entries()) {
    assert.ok(greeting[index] !== undefined && greeting[index] < 400, 'nothing but the greeting');
    assert.equal(bytesOf(await peer.answer()), hanging[index]);
  }

  assert.equal(bytesOf(await reader.answer()), large.toString('latin1'));
});

test('a disk of another machine never holds up others, not even with its first call', async () => {
  const names = ['small', 'large', 'stalled/a', 'stalled/b'];
  await using server = await StallingServer.start(names, {STALL_REMOTE: '1'});
  server.stall('hang');
  const held = await server.peer();
  held.request(kinds.get, {path: 'stalled/a'});
  const lister = await server.peer();
  lister.request(kinds.list, {path: 'stalled'});
  await checkOthers(server);
  server.stall(0);
  assert.equal(bytesOf(await held.answer()), 'stalled/a');
  assert.equal(entriesIn(await lister.answer()).length, 2);
  server.child.kill('SIGTERM');
  const [status] = await once(server.child, 'exit');
  assert.equal(status, 0);
});

test('large reads that hang before the disk is known to be slow leave others a way', async () => {
  const names = ['small', 'large', 'stalled/huge'];
  await using server = await StallingServer.start(names);
  const held = await Promise.all(Array.from({length: 4}, () => server.peer()));
  for (const peer of held) {
    peer.request(kinds.get, {path: 'stalled/huge'});
    await peer.pauseAfter(1_048_576);
  }

  server.stall('hang reads');
  for (const peer of held) {
    peer.socket.resume();
  }

  await checkOthers(server);
  assert.ok(held.every(peer => peer.received < huge.length));
  server.stall(0);
  const digest = createHash('sha1').update(huge).digest('hex');
  for (const peer of held) {
    const answer = Buffer.from(bytesOf(await peer.answer()), 'latin1');
    assert.equal(createHash('sha1').update(answer).digest('hex'), digest);
  }
});

test('hashes that hang in all threads leave those of others a thread', async () => {
  await using server = await StallingServer.start(['small', 'large', 'stalled/huge']);
  server.stall('hang reads');
  const held = await Promise.all([1, 2].map(() => server.peer('127.0.0.2')));
  for (const peer of held) {
    peer.request(kinds.hash, {path: 'stalled/huge', algorithm: 'sha1'});
    // It is asked for, and nothing of it is done.
    assert.equal((await peer.frame())?.kind, kinds.progress);
    assert.equal((await peer.frame())?.kind, kinds.progress);
    assert.equal((await peer.frame())?.kind, kinds.progress);
  }

  await checkOthers(server);
  server.stall(0);
  const digest = createHash('sha1').update(huge).digest('hex');
  for (const peer of held) {
    const last = (await peer.answer()).at(-1);
    assert.equal(last && json(last).digest, digest);
  }
});
