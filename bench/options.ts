/** The options of `npm run bench`. */
import {statSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import type {Row} from './rows/row.ts';
import {chooseRows} from './rows/rows.ts';
import {chooseDisk, chooseFolder} from './running/places.ts';

export const usage = `npm run bench -- [ROW...]            all rows, or those with these names
npm run bench -- link-check          what the simulated links do by themselves
  --list                             the names of all rows, and what each compares
  --rounds N                         how often each program runs (5; 3 with --quick)
  --quick                            a sixteenth of the data: whether all works, not how fast it is
  --scale N                          this share of the data (1)
  --dir DIR                          data lies here (/dev/shm, where it has room)
  --disk DIR                         rows with a disk write here (the temporary folder, if it is on one)
  --out DIR                          results are written here (bench/results)`;

export type Options = {
  readonly task: 'rows' | 'list' | 'links';
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly scale: number;
  readonly isQuick: boolean;
  readonly dir: string;
  readonly disk: string | undefined;
  readonly out: string;
};

const quickScale = 1 / 16;
/** For whom `--dir` does not say: the source and a copy of the largest data. */
const usualRoom = 4 * 2 ** 30;

/** @throws an error that says what is wrong. */
export function readOptions(words: readonly string[]): Options {
  const {values, positionals} = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      list: {type: 'boolean', default: false},
      rounds: {type: 'string'},
      quick: {type: 'boolean', default: false},
      scale: {type: 'string'},
      dir: {type: 'string'},
      disk: {type: 'string'},
      out: {type: 'string', default: path.join(import.meta.dirname, 'results')},
    },
  });
  const {list, quick, rounds, scale, dir, disk, out} = values;
  const isLinkCheck = positionals.length === 1 && positionals[0] === 'link-check';
  return {
    task: list ? 'list' : isLinkCheck ? 'links' : 'rows',
    rows: chooseRows(isLinkCheck ? [] : positionals),
    rounds: rounds === undefined ? (quick ? 3 : 5) : readRounds(rounds),
    scale: scale === undefined ? (quick ? quickScale : 1) : readScale(scale),
    isQuick: quick,
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
    throw new Error(`${option} takes a folder that is there, not '${folder}'`);
  }

  return path.resolve(folder);
}
