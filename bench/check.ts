/**
 * Measures how long checking a file on disk takes: the block digests of a complete file, which the client computes before
 * it resumes a file, compared with other programs.
 *
 *     npm run build && node bench/check.ts --scale 1 --rounds 3
 */
import {closeSync, openSync, statSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import {availableAlgorithms, type DigestAlgorithm} from '../protocol/block.ts';
import {CheckThreads} from '../source/transfers/hashing/check-threads.ts';
import {Checker} from '../source/transfers/hashing/checker.ts';
import {large} from './data.ts';
import {readOptions} from './options.ts';
import {programAt} from './peers/programs.ts';
import {log, printRows} from './report/lines.ts';
import {median, ratios} from './report/statistics.ts';
import {makeFolder} from './running/places.ts';
import {runCommand} from './running/run-command.ts';

type CheckWay = {name: string; cores: number; run(): Promise<unknown>};

/** Every round runs each way once; ratios compare runs of the same round. */
async function main(): Promise<void> {
  const {scale, rounds, dir} = readOptions(process.argv.slice(2));
  using folder = makeFolder(dir);
  const data = large.at(scale);
  log(`Making ${data.about}`);
  await data.make(folder.path);
  const file = path.join(folder.path, 'large.bin');
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
  printRows(`Checking a local file: ${data.about}`, [
    ['', 'min s', 'median s', 'openssl ÷', '÷ cores'],
    ...ways.map(way => {
      const times = median(ratios(of(usual), of(way)));
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

/** The run of openssl; if it is not installed, log that and return undefined. */
function openssl(file: string): CheckWay | undefined {
  if (programAt('openssl') === undefined) {
    log('Left out because it is not installed: openssl');
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
        // The threads start once, in the first round.
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

await main();
