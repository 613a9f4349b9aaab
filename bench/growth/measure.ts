/** Measures the curves: each with growing amounts of one kind of work. */
import {execFile} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {startLink} from '../link/start-link.ts';
import {built, startJangada} from '../peers/jangada.ts';
import {log} from '../report/lines.ts';
import {stopDaemon} from '../running/process.ts';
import {type Run, runCommand} from '../running/run-command.ts';
import {touchMemory} from '../running/touch-memory.ts';
import {cpuSeconds, peakMB} from '../running/usage.ts';
import type {Curve, Point} from './curve.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const clientBytes = 64 * MiB;

/** The folder for the measurement, and the largest amounts. */
export type Place = {
  /** A folder with room for twice the largest file. */
  readonly folder: string;
  readonly largest: number;
  readonly mostEntries: number;
  readonly mostClients: number;
};

/** More and more clients of one server: the processor time of the server for each GiB that it sends. */
export async function growClients({folder, mostClients}: Place): Promise<Curve> {
  const source = path.join(folder, 'source');
  await writeBlocks(path.join(source, 'file.bin'), clientBytes);
  const points: Point[] = [];
  for (const clients of [1, 3, 10, 30, 100, 300].filter(count => count <= mostClients)) {
    log(`${clients} clients`);
    const places = ['--max-connections', '400', '--max-connections-per-address', '400'];
    const {child, address} = await startJangada(source, places);
    const [port = ''] = /\d+$/.exec(address) ?? [];
    const program = path.join(import.meta.dirname, 'light-clients.ts');
    const run = async (count: number): Promise<number[]> => {
      const words = [program, port, String(count), 'file.bin', String(clientBytes)];
      const {stdout} = await promisify(execFile)(process.execPath, words);
      return JSON.parse(stdout);
    };
    // A first run, so that the server knows the digests.
    await run(1);
    const before = cpuSeconds(child.pid) ?? Number.NaN;
    const times = await run(clients);
    const used = (cpuSeconds(child.pid) ?? Number.NaN) - before;
    points.push({
      ...{amount: clients, seconds: Math.max(...times)},
      cost: used / ((clients * clientBytes) / GiB),
      ...{clientMB: undefined, serverMB: peakMB(child.pid)},
    });
    await stopDaemon(child);
  }

  return {name: 'clients', of: 'clients', costOf: 'CPU s a GiB, server', points};
}

/** Larger and larger files: the processor time of both sides for each GiB, with digests unknown before. */
export async function growSize({folder, largest}: Place): Promise<Curve> {
  const source = path.join(folder, 'source');
  const sizes = [KiB, 32 * KiB, MiB, 32 * MiB, GiB, 4 * GiB, 16 * GiB];
  const points: Point[] = [];
  for (const size of sizes.filter(bytes => bytes <= largest)) {
    log(`a file of ${size} bytes`);
    await writeBlocks(path.join(source, 'file.bin'), size);
    const run = await runOnce(source, folder, ({address, target}) => [
      ...['sget', 'file.bin', '-s', address, '--to', target, '--quiet'],
    ]);
    points.push(pointOf(size, run, size / GiB));
  }

  return {name: 'size of a file', of: 'bytes', costOf: 'CPU s a GiB, both sides', points};
}

/** A folder with more and more entries: the processor time of both sides for listing a thousand of them. */
export async function growEntries({folder, mostEntries}: Place): Promise<Curve> {
  const source = path.join(folder, 'source');
  const points: Point[] = [];
  let made = 0;
  mkdirSync(path.join(source, 'entries'), {recursive: true});
  const counts = [10, 100, 1000, 10_000, 100_000, 1_000_000];
  for (const count of counts.filter(entries => entries <= mostEntries)) {
    log(`${count} entries`);
    for (; made < count; made++) {
      writeFileSync(path.join(source, 'entries', `entry-${(made * 7919) % 1_000_003}-${made}`), '');
    }

    const run = await runOnce(source, folder, ({address}) => ['list', 'entries', '-s', address]);
    points.push(pointOf(count, run, count / 1000));
  }

  rmSync(path.join(source, 'entries'), {recursive: true});
  return {
    name: 'entries of a folder',
    of: 'entries',
    costOf: 'CPU s for 1,000, both sides',
    points,
  };
}

/** A tree of a hundred small files over longer and longer links: the number of round trips that it takes. */
export async function growDistance({folder}: Place): Promise<Curve> {
  const source = path.join(folder, 'source');
  mkdirSync(path.join(source, 'tree'), {recursive: true});
  for (let file = 0; file < 100; file++) {
    writeFileSync(path.join(source, 'tree', `${file}`), 'small');
  }

  const points: Point[] = [];
  let near = 0;
  for (const roundTripMs of [0, 30, 100, 300]) {
    log(`a link of ${roundTripMs} ms`);
    const run = await runOnce(
      source,
      folder,
      ({address, target}) => ['mget', 'tree/**', '-s', address, '--to', target, '--quiet'],
      roundTripMs,
    );
    if (roundTripMs === 0) {
      near = run.seconds;
    } else {
      const {seconds} = run;
      points.push({...pointOf(roundTripMs, run, 1), cost: ((seconds - near) * 1000) / roundTripMs});
    }
  }

  return {name: 'distance', of: 'ms', costOf: 'round trips for 100 small files', points};
}

/** One run with a server that knows no digests. */
async function runOnce(
  source: string,
  folder: string,
  words: (of: {address: string; target: string}) => string[],
  roundTripMs = 0,
): Promise<Run> {
  const [target, state] = [path.join(folder, 'target'), path.join(folder, 'state')];
  const {child, address} = await startJangada(source);
  const port = Number(/\d+$/.exec(address)?.[0]);
  const options = {roundTripMs, bytesPerSecond: 1e9};
  await using link = await startLink(port, options);
  const near = roundTripMs === 0 ? port : link.port;
  try {
    await touchMemory(512);
    return await runCommand(
      {
        program: process.execPath,
        args: [built('jangada'), ...words({address: `jangada://127.0.0.1:${near}`, target})],
        env: {JANGADA_STATE: state},
      },
      {serverPid: child.pid},
    );
  } finally {
    await stopDaemon(child);
    rmSync(target, {recursive: true, force: true});
  }
}

function pointOf(amount: number, run: Run, units: number): Point {
  const {client, server, seconds} = run;
  const used = (client.cpuSeconds ?? Number.NaN) + (server.cpuSeconds ?? Number.NaN);
  return {amount, seconds, cost: used / units, clientMB: client.peakMB, serverMB: server.peakMB};
}

/** Write blocks that all differ and are not sparse: each begins with its number. */
export async function writeBlocks(file: string, bytes: number): Promise<void> {
  mkdirSync(path.dirname(file), {recursive: true});
  const block = Buffer.alloc(Math.min(MiB, bytes), 'jangada ');
  await using handle = await open(file, 'w');
  for (let from = 0; from < bytes; from += block.length) {
    block.writeDoubleLE(from, 0);
    await handle.write(block, 0, Math.min(block.length, bytes - from));
  }
}
