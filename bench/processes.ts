/**
 * Measures the gain from more processes of a server (`--processes`): bytes per second to ten clients at once, over plain
 * TCP and over TLS, and the processor time of both sides. Light clients read the bytes; dropping clients let the kernel
 * drop them, which leaves both cores to the server, like clients on other machines.
 *
 *     npm run build && node bench/processes.ts            BENCH_ROUNDS=N (5)   BENCH_PROCESSES=1,2   Linux, python3
 */
import {execFile} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {promisify} from 'node:util';
import {writeBlocks} from './growth/measure.ts';
import {startJangada} from './peers/jangada.ts';
import {log, printRows} from './report/lines.ts';
import {chooseFolder, makeFolder} from './running/places.ts';
import {stopDaemon} from './running/process.ts';
import {cpuSeconds, cpuSecondsOfEnded, peakMB} from './running/usage.ts';

const bytes = 64 * 2 ** 20;
const clients = 10;
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const counts = (process.env.BENCH_PROCESSES ?? '1,2').split(',');

type Way = {name: string; options: readonly string[]; command: (port: string) => string[]};

const work = [String(clients), 'file.bin', String(bytes)];
const program = (name: string) => path.join(import.meta.dirname, 'growth', name);
const dropping = (port: string, way: string) => [
  ...['python3', program('dropping-clients.py'), port, ...work, way],
];
const ways: readonly Way[] = [
  {
    name: 'plain, clients that read',
    options: [],
    command: port => [process.execPath, program('light-clients.ts'), port, ...work],
  },
  {name: 'plain, dropped', options: [], command: port => dropping(port, 'plain')},
  {name: 'TLS, dropped', options: ['--tls', '--no-token'], command: port => dropping(port, 'tls')},
];

type Sample = {perSecond: number; server: number; clients: number; peak: number};

async function main(): Promise<void> {
  using folder = makeFolder(chooseFolder(2 * bytes));
  process.env.JANGADA_STATE = path.join(folder.path, 'state');
  const source = path.join(folder.path, 'source');
  await writeBlocks(path.join(source, 'file.bin'), bytes);
  const rows = [
    ['', 'processes', 'MB/s', '(all)', 'CPU s a GiB: server', 'clients', 'server, peak MB'],
  ];
  for (const {name, options, command} of ways) {
    const samples = new Map(counts.map(count => [count, [] as Sample[]]));
    for (let round = 0; round < rounds; round++) {
      log(`${name}, round ${round + 1}`);
      for (const [count, taken] of round % 2 === 0 ? samples : [...samples].reverse()) {
        taken.push(await measure(source, ['--processes', count, ...options], command));
      }
    }

    rows.push(...[...samples].map(([count, taken]) => [name, count, ...summary(taken)]));
  }

  printRows(`${clients} clients at once, ${bytes / 2 ** 20} MiB each`, rows);
}

async function measure(
  source: string,
  options: readonly string[],
  command: Way['command'],
): Promise<Sample> {
  const places = ['--max-connections', '400', '--max-connections-per-address', '400'];
  const {address, child} = await startJangada(source, [...places, ...options]);
  const [, port = ''] = /:(\d+)(?:#|$)/.exec(address) ?? [];
  const run = async (): Promise<number> => {
    const [name = '', ...words] = command(port);
    const {stdout} = await promisify(execFile)(name, words);
    return Math.max(...(JSON.parse(stdout) as number[]));
  };
  try {
    // A first run, so that the server knows digests and its code is compiled.
    await run();
    const [serverBefore, clientsBefore] = [cpuSeconds(child.pid), cpuSecondsOfEnded()];
    const seconds = await run();
    const GiB = (clients * bytes) / 2 ** 30;
    return {
      perSecond: (clients * bytes) / seconds / 1e6,
      server: ((cpuSeconds(child.pid) ?? Number.NaN) - (serverBefore ?? 0)) / GiB,
      clients: ((cpuSecondsOfEnded() ?? Number.NaN) - (clientsBefore ?? 0)) / GiB,
      peak: peakMB(child.pid) ?? Number.NaN,
    };
  } finally {
    await stopDaemon(child);
  }
}

function summary(samples: readonly Sample[]): string[] {
  const median = (of: (sample: Sample) => number) => {
    const sorted = samples.map(of).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const all = samples.map(({perSecond}) => perSecond.toFixed(0)).join(' ');
  return [
    median(({perSecond}) => perSecond).toFixed(0),
    all,
    median(({server}) => server).toFixed(2),
    median(sample => sample.clients).toFixed(2),
    median(({peak}) => peak).toFixed(0),
  ];
}

await main();
