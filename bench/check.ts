/**
 * How long it takes to check what is on disk: the block digests of a complete file, as the client
 * computes them before it continues one, beside what a user would run.
 */
import {closeSync, openSync, statSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import {availableAlgorithms, type DigestAlgorithm} from '../protocol/block.ts';
import {CheckThreads} from '../source/transfers/hashing/check-threads.ts';
import {Checker} from '../source/transfers/hashing/checker.ts';
import type {Data} from './data.ts';
import {runCommand} from './process.ts';
import {log, median, printRows, ratio} from './report.ts';
import {haveAll} from './ways.ts';

type CheckWay = {name: string; cores: number; run(): Promise<unknown>};

/** Every round runs each way once; ratios are taken within a round. */
export async function benchCheck(data: Data, rounds: number): Promise<void> {
  const file = path.join(data.source, 'large.bin');
  const seconds = new Map<CheckWay, number[]>();
  const usual = openssl(file);
  const ways = [...(usual === undefined ? [] : [usual]), ...checkers(file)];
  for (let round = 1; round <= rounds; round++) {
    for (const way of ways) {
      log(`check, round ${round} of ${rounds}: ${way.name}`);
      const start = performance.now();
      await way.run();
      const took = (performance.now() - start) / 1000;
      seconds.set(way, [...(seconds.get(way) ?? []), took]);
    }
  }

  const of = (way: CheckWay | undefined) => (way && seconds.get(way)) ?? [];
  printRows(`Checking a file of ${data.sizeMiB} MiB that is here`, [
    ['', 'min s', 'median s', 'openssl ÷', '÷ cores'],
    ...ways.map(way => {
      const times = ratio(of(usual), of(way));
      return [
        way.name,
        Math.min(...of(way)).toFixed(2),
        median(of(way)).toFixed(2),
        times.toFixed(2),
        (times / way.cores).toFixed(2),
      ];
    }),
  ]);
}

/** Undefined where it is not installed, and says so. */
function openssl(file: string): CheckWay | undefined {
  if (!haveAll('openssl')) {
    return undefined;
  }

  const command = {program: 'sh', args: ['-c', 'cat "$0" | openssl sha256', file]};
  return {name: 'cat | openssl sha256', cores: 1, run: () => runCommand(command)};
}

function checkers(file: string): CheckWay[] {
  const {size} = statSync(file);
  return availableAlgorithms()
    .toReversed()
    .flatMap(algorithm =>
      [...new Set([1, availableParallelism()])].map(cores => {
        // Its threads are started once, in the first round.
        const checker = new Checker(new CheckThreads(cores));
        return {
          name: `${algorithm}, ${cores} ${cores === 1 ? 'core' : 'cores'}`,
          cores,
          run: () => digests(checker, file, size, algorithm),
        };
      }),
    );
}

async function digests(
  checker: Checker,
  file: string,
  size: number,
  algorithm: DigestAlgorithm,
): Promise<void> {
  const fd = openSync(file, 'r');
  try {
    await checker.digests({fd, path: file, size}, algorithm);
  } finally {
    closeSync(fd);
  }
}
