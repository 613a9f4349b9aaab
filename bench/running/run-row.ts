/**
 * Runs a row of the table: each round runs each contender once, so that other load on the machine affects all of them.
 * The first round does not count, because in it programs are read from disk and code is compiled.
 */
import {execFile} from 'node:child_process';
import {mkdir, readdir, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Data} from '../data.ts';
import {startLink} from '../link/start-link.ts';
import type {Arena, Begin, Contender, Started} from '../peers/contender.ts';
import {missingOf} from '../peers/programs.ts';
import {log} from '../report/lines.ts';
import {median} from '../report/statistics.ts';
import {nothing, type Row} from '../rows/row.ts';
import {compareTrees, fingerprint} from './compare.ts';
import {type Run, runCommand} from './run-command.ts';
import {touchMemory} from './touch-memory.ts';

export type Measured = {
  readonly name: string;
  /** One for each round. */
  readonly runs: Run[];
};

export type RowResult = {
  readonly row: Row;
  readonly data: Data;
  readonly jangada: Measured;
  readonly others: readonly Measured[];
  /** The contenders that were left out, and the programs that they lack. */
  readonly missing: ReadonlyArray<{name: string; programs: readonly string[]}>;
};

export type Hall = {
  readonly data: Data;
  /** The served folder. */
  readonly source: string;
  /** Folders for targets; `disk` is undefined if there is no disk. */
  readonly memory: string;
  readonly disk: string | undefined;
  readonly rounds: number;
  /** The folder of another build to measure. */
  readonly against: string | undefined;
  /** Whether to measure only Jangada. */
  readonly isAlone: boolean;
  /** Whether other programs skip the uncounted round, and short runs are repeated less often. */
  readonly isQuick: boolean;
  /** Aborting it ends the running program, and the row. */
  readonly signal: AbortSignal;
};

type Entrant = {
  readonly measured: Measured;
  readonly contender: Contender;
  readonly started: Started;
  readonly begin: Begin;
  readonly target: string;
  readonly output: string;
  before: string | undefined;
};

/** A contender that is so much slower, in both respects, gets no more rounds; its median is that of its rounds so far. */
const slow = {times: 8, seconds: 10, rounds: 2};

const quickRepeat = 3;

/** @throws an error if a program fails or leaves a wrong result. */
export async function runRow(row: Row, hall: Hall): Promise<RowResult> {
  await using ends = new AsyncDisposableStack();
  const contenders = [
    row.jangada,
    ...(hall.against === undefined ? [] : [row.jangada.ofBuild(hall.against)]),
    ...(hall.isAlone ? [] : row.others.map(({than}) => than)),
  ];
  const missing = contenders.flatMap(({name, needs}) => {
    const programs = missingOf(needs);
    return programs.length === 0 ? [] : [{name, programs}];
  });
  const entrants: Entrant[] = [];
  for (const [index, contender] of contenders.entries()) {
    if (!missing.some(({name}) => name === contender.name)) {
      entrants.push(await enter(row, hall, contender, index, ends));
    }
  }

  const [jangada, ...others] = entrants;
  if (jangada === undefined) {
    throw new Error('Jangada itself was left out, although it needs no other program');
  }

  for (let round = 0; round <= hall.rounds; round++) {
    // Alternate the order, so that no contender always follows the same other one.
    for (const entrant of round % 2 === 0 ? entrants : entrants.toReversed()) {
      hall.signal.throwIfAborted();
      const isSpared = hall.isQuick && entrant !== jangada;
      if (round === 0 ? !isSpared : !isTooSlow(entrant, jangada)) {
        log(`${row.name}, round ${round} of ${hall.rounds}: ${entrant.contender.name}`);
        const run = await runOnce(row, hall, entrant);
        if (round > 0) {
          entrant.measured.runs.push(run);
        }
      }
    }
  }

  for (const {target} of row.check === 'untouched' ? entrants : []) {
    await compareTrees(hall.source, target);
  }

  return {
    ...{row, data: hall.data, missing},
    jangada: jangada.measured,
    others: others.map(({measured}) => measured),
  };
}

async function enter(
  row: Row,
  hall: Hall,
  contender: Contender,
  index: number,
  ends: AsyncDisposableStack,
): Promise<Entrant> {
  const place = row.place === 'disk' ? hall.disk : hall.memory;
  if (place === undefined) {
    throw new Error(`${row.name} needs a folder on a disk: name one with --disk`);
  }

  const own = path.join(hall.memory, `own-${index}`);
  const [target, output] = [path.join(place, `target-${index}`), path.join(own, 'output')];
  await mkdir(own, {recursive: true});
  const arena: Arena = {
    ...{source: hall.source, data: hall.data, own},
    async reach(port) {
      return row.link === undefined ? port : ends.use(await startLink(port, row.link)).port;
    },
  };
  ends.defer(async () => {
    await rm(target, {recursive: true, force: true});
    await rm(own, {recursive: true, force: true});
  });
  const started = ends.use(await contender.start(arena));
  const measured: Measured = {name: contender.name, runs: []};
  const begin = contender.begin ?? row.begin ?? nothing;
  return {...{measured, contender, started, begin, target, output}, before: undefined};
}

function isTooSlow({measured: {runs}}: Entrant, jangada: Entrant): boolean {
  const best = Math.min(...runs.map(({seconds}) => seconds));
  const own = Math.max(...jangada.measured.runs.map(({seconds}) => seconds));
  return runs.length >= slow.rounds && best > slow.seconds && best > slow.times * own;
}

async function runOnce(row: Row, hall: Hall, entrant: Entrant): Promise<Run> {
  const {started, begin, target, output} = entrant;
  if (!begin.once || entrant.before === undefined) {
    await begin.make(hall.source, target);
    entrant.before = row.check === 'untouched' ? fingerprint(target) : '';
  }

  if (row.place === 'disk') {
    // Data of the run before must not be written to disk during this run.
    await promisify(execFile)('sync', ['--file-system', target]);
  }

  await started.renew?.();
  await touchMemory((1.5 * hall.data.room) / 1_048_576 + 256);
  const runs: Run[] = [];
  const {repeat = 1} = row;
  for (let count = 0; count < (hall.isQuick ? Math.min(repeat, quickRepeat) : repeat); count++) {
    const command = {...started.command(target), output};
    runs.push(await runCommand(command, {serverPid: started.serverPid?.(), signal: hall.signal}));
  }

  await check(row, hall, entrant);
  if (!begin.once) {
    await rm(target, {recursive: true, force: true});
  }

  return together(runs);
}

async function check(row: Row, hall: Hall, {target, output, before, contender}: Entrant) {
  switch (row.check) {
    case 'same':
      return await compareTrees(hall.source, target);
    case 'untouched':
      if (fingerprint(target) !== before) {
        throw new Error(`${contender.name} has changed files in ${target}`);
      }

      return;
    case 'listed':
      return await checkListed(hall.source, output);
    case 'status':
      return;
  }
}

/** Check that the name of each file in the folder is at the end of a line. */
async function checkListed(source: string, output: string): Promise<void> {
  const lines = (await readFile(output, 'utf8')).split('\n');
  const listed = new Set(lines.map(line => line.slice(line.lastIndexOf(' ') + 1)));
  const files = await readdir(source, {recursive: true, withFileTypes: true});
  const left = files.find(file => file.isFile() && !listed.has(file.name));
  if (left !== undefined) {
    throw new Error(`${left.name} was not listed: ${output}`);
  }
}

/** Merge repeated runs to one: medians, and the highest memory. */
function together(runs: readonly Run[]): Run {
  const usage = (side: 'client' | 'server') => {
    const peaks = runs.flatMap(run => run[side].peakMB ?? []);
    const cpu = runs.flatMap(run => run[side].cpuSeconds ?? []);
    return {
      peakMB: peaks.length === 0 ? undefined : Math.max(...peaks),
      // A mean, because a median of hundredths of a second would be too coarse.
      cpuSeconds: cpu.length === 0 ? undefined : cpu.reduce((a, b) => a + b) / cpu.length,
    };
  };
  const seconds = median(runs.map(run => run.seconds));
  return {seconds, client: usage('client'), server: usage('server')};
}
