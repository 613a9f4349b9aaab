/**
 * Measures one file of 1 GiB over plain TCP, over TLS with a token, over ssh, and with scp over the same sshd. The ways take
 * turns, each after `touchMemory`; the medians count.
 *
 *     npm run build && node bench/secure.ts            BENCH_ROUNDS=N (5)
 */

import {Buffer} from 'node:buffer';
import {spawn, spawnSync} from 'node:child_process';
import {randomFillSync} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {startSshServer, withoutSshd} from '../test/fixtures/ssh-server.ts';

const GiB = 2 ** 30;
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const folder = mkdtempSync('/dev/shm/jangada-secure-');
const [root, target] = [join(folder, 'root'), join(folder, 'target')];
const own = {...process.env, JANGADA_STATE: join(folder, 'state'), JANGADA_CONFIG: folder};
const built = (name: string): string => new URL(`../dist/${name}.js`, import.meta.url).pathname;
const ends: Array<() => unknown> = [() => rmSync(folder, {recursive: true, force: true})];
// Test fixtures need only the `after` of a test context.
const context = {after: (end: () => unknown) => ends.push(end)} as unknown as TestContext;

mkdirSync(root);
writeFileSync(join(root, 'big'), randomFillSync(Buffer.alloc(GiB)));
const plain = await serve();
const tls = await serve('--tls');
const ways = new Map<string, () => void>([
  ['plain', () => fetchFrom(plain)],
  ['TLS', () => fetchFrom(tls)],
]);
if (withoutSshd === false) {
  const sshd = await startSshServer(context);
  const [, ...words] = sshd.ssh.split(' ');
  ways.set('ssh', () =>
    fetchFrom(
      `ssh://127.0.0.1:${sshd.port}${root}`,
      ...['--ssh', sshd.ssh, '--remote-command', sshd.remoteCommand],
    ),
  );
  ways.set('scp', () =>
    run('scp', ['-q', ...words, '-P', String(sshd.port), `127.0.0.1:${root}/big`, target]),
  );
}

const times = new Map([...ways.keys()].map(name => [name, [] as number[]]));
for (let round = -1; round < rounds; round++) {
  for (const [name, fetch] of round % 2 === 0 ? ways : [...ways].reverse()) {
    rmSync(target, {recursive: true, force: true});
    mkdirSync(target);
    Buffer.alloc(2 * GiB, 1);
    const before = performance.now();
    fetch();
    // The first round does not count.
    if (round >= 0) {
      times.get(name)?.push(performance.now() - before);
    }
  }
}

for (const [name, all] of times) {
  console.log(`${name.padEnd(6)} ${Math.round(median(all))} ms   ${all.map(Math.round).join(' ')}`);
}

console.log(`plain / TLS ${ratio('plain', 'TLS')}   scp / ssh ${ratio('scp', 'ssh')}`);
for (const end of ends.reverse()) {
  await end();
}

function fetchFrom(address: string, ...more: string[]): void {
  run(process.execPath, [
    built('jangada'),
    'sget',
    'big',
    '--quiet',
    '-s',
    address,
    '-o',
    target,
    ...more,
  ]);
}

function run(program: string, words: string[]): void {
  const {status, stderr} = spawnSync(program, words, {env: own, encoding: 'utf8'});
  if (status !== 0) {
    throw new Error(`${program} ended with ${status}: ${stderr}`);
  }
}

async function serve(...options: string[]): Promise<string> {
  const words = [built('jangada-server'), root, '--port', '0', '--log-level', 'error', ...options];
  const child = spawn(process.execPath, words, {env: own, stdio: ['ignore', 'pipe', 'inherit']});
  ends.push(() => child.kill());
  let printed = '';
  for await (const text of child.stdout) {
    printed += text;
    if (printed.includes('\n')) {
      break;
    }
  }

  return printed.trim();
}

function median(all: readonly number[]): number {
  return all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN;
}

function ratio(one: string, other: string): string {
  return (median(times.get(one) ?? []) / median(times.get(other) ?? [])).toFixed(2);
}
