/** Prints the results of a row, and all goals. */
import type {Measured, RowResult} from '../running/run-row.ts';
import {tableOf} from './lines.ts';
import {median, type Spread, spreadOf} from './statistics.ts';
import {isMet, peaksOf, type Verdict} from './verdicts.ts';

const GiB = 2 ** 30;

/** Times, processor time and memory of all contenders. */
export function rowTable(result: RowResult): string {
  const {row, data, jangada, others, missing} = result;
  const head = ['', 'seconds', 'min–max', 'rounds', 'CPU s here', 'there', 'a GiB', 'MB', 'there'];
  const lines = [jangada, ...others].filter(({runs}) => runs.length > 0);
  const left = missing.map(
    ({name, programs}) => `\n  left out: ${name} (not installed: ${programs.join(', ')})`,
  );
  return `\n${row.name}: ${data.about} ${row.about}\n${tableOf([
    head,
    ...lines.map(measured => measuredCells(measured, data.bytes)),
  ])}${left.join('')}`;
}

function measuredCells(measured: Measured, bytes: number): string[] {
  const {name, runs} = measured;
  const {median: middle, low, high} = spreadOf(runs.map(({seconds}) => seconds));
  const cpu = (side: 'client' | 'server') => {
    const values = runs.flatMap(run => run[side].cpuSeconds ?? []);
    return values.length === 0 ? undefined : median(values);
  };
  const [here, there] = [cpu('client'), cpu('server')];
  const together = (here ?? 0) + (there ?? 0);
  const peak = (side: 'client' | 'server') => {
    const peaks = peaksOf(measured, side);
    return peaks.length === 0 ? '' : Math.max(...peaks).toFixed(0);
  };
  return [
    ...[name, seconds(middle), `${seconds(low)}–${seconds(high)}`, String(runs.length)],
    ...[here?.toFixed(2) ?? '', there?.toFixed(2) ?? ''],
    bytes < 1_000_000 || here === undefined ? '' : ((together / bytes) * GiB).toFixed(1),
    ...[peak('client'), peak('server')],
  ];
}

function seconds(number: number): string {
  return number.toFixed(number < 1 ? 3 : 2);
}

/** Each goal with its result, and whether it is met. */
export function goalsTable(verdicts: readonly Verdict[]): string {
  return tableOf([
    ['', 'compared', 'measured', 'min–max', 'goal', ''],
    ...verdicts.map((verdict, index) => {
      const {row, what, unit, measured, goal} = verdict;
      const isSame = verdicts[index - 1]?.row === row;
      return [
        isSame ? '' : row,
        what,
        `${amount(measured.median, unit)}`,
        spread(measured, unit),
        goal === undefined ? '' : goalText(verdict),
        goal === undefined ? '' : isMet(verdict) ? 'met' : 'short',
      ];
    }),
  ]);
}

/** `≥ 1.30 ×`, `≤ 150 MB`. */
export function goalText({goal, moreIsBetter, unit}: Verdict): string {
  return goal === undefined ? '' : `${moreIsBetter ? '≥' : '≤'} ${amount(goal, unit)}`;
}

export function amount(number: number, unit: Verdict['unit']): string {
  return `${number.toFixed(unit === '×' ? 2 : 0)} ${unit}`;
}

function spread({low, high}: Spread, unit: Verdict['unit']): string {
  const digits = unit === '×' ? 2 : 0;
  return `${low.toFixed(digits)}–${high.toFixed(digits)}`;
}
