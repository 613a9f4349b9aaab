/** A made-up result of a row of the benchmark. */
import {small} from '../../../bench/data.ts';
import type {Contender} from '../../../bench/peers/contender.ts';
import type {Measured, RowResult} from '../../../bench/running/run-row.ts';

/** 20 files of 1 MB over a link of 20 MB/s: the link alone takes a second. */
export function resultOf(
  seconds: Readonly<Record<'jangada' | 'rsync', readonly number[]>>,
): RowResult {
  return {
    row: {
      ...{name: 'example', about: 'over a link', recipe: small(20, 1_000_000), place: 'memory'},
      link: {roundTripMs: 100, bytesPerSecond: 20_000_000},
      check: 'same',
      jangada: {...contender('jangada'), ofBuild: () => contender('other build')},
      others: [{than: contender('rsync'), goal: 1.2}, {than: contender('lftp')}],
      linkGoal: 0.97,
      budgetMs: 1500,
    },
    data: small(20, 1_000_000).at(1),
    jangada: measured('jangada', seconds.jangada),
    others: [measured('rsync', seconds.rsync)],
    missing: [{name: 'lftp', programs: ['lftp']}],
  };
}

function measured(name: string, seconds: readonly number[]): Measured {
  const client = {peakMB: 100, cpuSeconds: 0.5};
  const server = {peakMB: 200, cpuSeconds: 0.25};
  return {name, runs: seconds.map(one => ({seconds: one, client, server}))};
}

function contender(name: string): Contender {
  return {
    name,
    needs: [],
    start: () => Promise.reject(new Error('It is not run here')),
  };
}
