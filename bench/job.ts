/** The two jobs, and one timed run of one of them. */
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import type {Data} from './data.ts';
import {type Run, runCommand} from './process.ts';
import type {Way} from './ways.ts';

export type Job = {
  name: 'large' | 'small';
  describe(data: Data): string;
};

export const jobs: readonly Job[] = [
  {name: 'large', describe: data => `One file of ${data.sizeMiB} MiB`},
  {name: 'small', describe: data => `${data.smallFiles.length} files of 4 KiB`},
];

/** One run into an empty folder; the copy is compared (not timed), then removed. */
export async function runJob(job: Job, way: Way, data: Data): Promise<Run> {
  const target = path.join(data.folder, 'target');
  mkdirSync(target);
  try {
    await way.prepare?.();
    const run = await runCommand(way[job.name](target));
    const name = job.name === 'large' ? 'large.bin' : 'small';
    execFileSync('diff', ['-r', path.join(data.source, name), path.join(target, name)]);
    return run;
  } finally {
    rmSync(target, {recursive: true});
  }
}
