/** Writes the results as JSON, and the chart of the goals. */
import {execFileSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {LinkCheck} from '../link/check-link.ts';
import type {Options} from '../options.ts';
import type {RowResult} from '../running/run-row.ts';
import {chartOf} from './chart.ts';
import type {Verdict} from './verdicts.ts';

export type Results = {
  readonly options: Pick<Options, 'rounds' | 'scale'>;
  readonly results: readonly RowResult[];
  readonly verdicts: readonly Verdict[];
  readonly links: readonly LinkCheck[];
};

/** @returns the written files. */
export async function writeResults(folder: string, all: Results): Promise<string[]> {
  await mkdir(folder, {recursive: true});
  const date = new Date().toISOString();
  const name = path.join(folder, date.slice(0, 19).replaceAll(':', ''));
  await writeFile(`${name}.json`, `${JSON.stringify(recordOf(date, all), undefined, 2)}\n`);
  await writeFile(`${name}.svg`, chartOf(all.verdicts));
  return [`${name}.json`, `${name}.svg`];
}

function recordOf(date: string, {options, results, verdicts, links}: Results): unknown {
  const [cpu] = os.cpus();
  return {
    date,
    commit: commit(),
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: os.availableParallelism(),
      memoryMB: Math.round(os.totalmem() / 1e6),
      system: `${os.type()} ${os.release()}`,
      node: process.version,
    },
    rounds: options.rounds,
    scale: options.scale,
    links,
    rows: results.map(({row, data, jangada, others, missing}) => ({
      name: row.name,
      about: `${data.about} ${row.about}`,
      bytes: data.bytes,
      files: data.files,
      contenders: [jangada, ...others],
      missing,
    })),
    verdicts,
  };
}

/** The current commit, with a plus sign if files of the checkout differ from it; `unknown` outside a checkout. */
function commit(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', words, {cwd: import.meta.dirname, encoding: 'utf8'}).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
