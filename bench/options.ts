/** The options of `npm run bench`. */
import {statSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import type {Row} from './rows/row.ts';
import {chooseRows} from './rows/rows.ts';
import {chooseDisk, chooseFolder} from './running/places.ts';

export const usage = `npm run bench -- [ROW...]            all rows, or those with these names
npm run bench -- link-check          measure the simulated links by themselves
  --list                             print the names of all rows, and what each compares
  --rounds N                         how often each program runs (5; 3 with --quick)
  --quick                            a sixteenth of the data: shows that everything works, not how fast it is
  --scale N                          size of the data; 1 is the full size (1)
  --against DIST                     also measure another build of Jangada, for example /elsewhere/dist
  --alone                            measure Jangada only
  --dir DIR                          folder for the data (/dev/shm, if it has room)
  --disk DIR                         folder on a disk, for rows with a disk (the temporary folder, if it is on one)
  --out DIR                          folder for the results (bench/results)`;

export type Options = {
  readonly task: 'rows' | 'list' | 'links';
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly scale: number;
  readonly isQuick: boolean;
  readonly against: string | undefined;
  readonly isAlone: boolean;
  readonly dir: string;
  readonly disk: string | undefined;
  readonly out: string;
};

const quickScale = 1 / 16;
/** The room to look for without `--dir`: the source and a copy of the largest data. */
const usualRoom = 4 * 2 ** 30;

/** @throws an error that names the wrong option. */
export function readOptions(words: readonly string[]): Options {
  const {values, positionals} = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      list: {type: 'boolean', default: false},
      rounds: {type: 'string'},
      quick: {type: 'boolean', default: false},
      scale: {type: 'string'},
      against: {type: 'string'},
      alone: {type: 'boolean', default: false},
      dir: {type: 'string'},
      disk: {type: 'string'},
      out: {type: 'string', default: path.join(import.meta.dirname, 'results')},
    },
  });
  const {list, quick, rounds, scale, against, alone, dir, disk, out} = values;
  const isLinkCheck = positionals.length === 1 && positionals[0] === 'link-check';
  return {
    task: list ? 'list' : isLinkCheck ? 'links' : 'rows',
    rows: chooseRows(isLinkCheck ? [] : positionals),
    rounds: rounds === undefined ? (quick ? 3 : 5) : readRounds(rounds),
    scale: scale === undefined ? (quick ? quickScale : 1) : readScale(scale),
    isQuick: quick,
    against: against === undefined ? undefined : readFolder('--against', against),
    isAlone: alone,
    dir: dir === undefined ? chooseFolder(usualRoom) : readFolder('--dir', dir),
    disk: disk === undefined ? chooseDisk() : readFolder('--disk', disk),
    out,
  };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds takes a whole number of 1 or more, not '${text}'`);
  }

  return rounds;
}

function readScale(text: string): number {
  const scale = Number(text);
  if (!(scale > 0 && scale <= 16)) {
    throw new Error(`--scale takes a number above 0 and up to 16, not '${text}'`);
  }

  return scale;
}

function readFolder(option: string, folder: string): string {
  if (!statSync(folder, {throwIfNoEntry: false})?.isDirectory()) {
    throw new Error(`${option} takes an existing folder, not '${folder}'`);
  }

  return path.resolve(folder);
}
