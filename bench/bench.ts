/**
 * How long Jangada takes for one large file, for many small ones and to check what is here, beside
 * what a user would run instead, and what a long queue costs:
 * `npm run bench -- --size 1024 --files 5000 --transfers 100000 --rounds 3`.
 *
 * Every round runs each way once, so that what else the machine does falls on all of them, and
 * ratios are taken within a round. The data lies in BENCH_DIR, /dev/shm or the temporary folder.
 */
import {parseArgs} from 'node:util';
import {benchCheck} from './check.ts';
import {type Data, makeData} from './data.ts';
import {type Job, jobs, runJob} from './job.ts';
import {benchQueue} from './queue.ts';
import {log, type Measurement, printTable} from './report.ts';
import {type Way, ways} from './ways.ts';

async function main(): Promise<void> {
  const {sizeMiB, files, transfers, rounds} = readOptions();
  await using data = await makeData({sizeMiB, files});
  await using stack = new AsyncDisposableStack();
  const found: Way[] = [];
  for (const start of ways) {
    const way = await start(data);
    if (way !== undefined) {
      found.push(stack.use(way));
    }
  }

  for (const job of jobs) {
    printTable(job.describe(data), await measure(job, found, data, rounds));
  }

  await benchCheck(data, rounds);
  await benchQueue(data, transfers, rounds);
}

async function measure(
  job: Job,
  found: readonly Way[],
  data: Data,
  rounds: number,
): Promise<Map<string, Measurement>> {
  const results = new Map<string, Measurement>(found.map(({name}) => [name, {seconds: []}]));
  for (let round = 1; round <= rounds; round++) {
    for (const way of found) {
      log(`${job.name}, round ${round} of ${rounds}: ${way.name}`);
      const run = await runJob(job, way, data);
      const result = results.get(way.name);
      result?.seconds.push(run.seconds);
      keepLarger(result, 'clientPeakMB', way.measured ? run.peakMB : undefined);
      keepLarger(result, 'serverPeakMB', way.measured ? way.serverPeakMB?.() : undefined);
    }
  }

  return results;
}

function keepLarger(
  result: Measurement | undefined,
  key: 'clientPeakMB' | 'serverPeakMB',
  value: number | undefined,
): void {
  if (result !== undefined && value !== undefined) {
    result[key] = Math.max(result[key] ?? 0, value);
  }
}

type Options = {sizeMiB: number; files: number; transfers: number; rounds: number};

function readOptions(): Options {
  const {values} = parseArgs({
    options: {
      /** MiB of the large file. */
      size: {type: 'string', default: '1024'},
      /** How many small files of 4 KiB. */
      files: {type: 'string', default: '5000'},
      /** How long a queue is opened. */
      transfers: {type: 'string', default: '100000'},
      rounds: {type: 'string', default: '3'},
    },
  });
  const {size, files, transfers, rounds} = values;
  const numbers = [size, files, transfers, rounds].map(text => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) {
      throw new Error(`'${text}' is not a number of 1 or more`);
    }

    return number;
  });
  const [sizeMiB = 1, fileCount = 1, transferCount = 1, roundCount = 1] = numbers;
  return {sizeMiB, files: fileCount, transfers: transferCount, rounds: roundCount};
}

// Ctrl-C ends the program that runs; the rest is cleaned up on the way out.
process.on('SIGINT', () => {});
await main();
