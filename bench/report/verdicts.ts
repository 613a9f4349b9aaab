/** Compares the results of a row with its goals. */
import type {Measured, RowResult} from '../running/run-row.ts';
import {ratios, type Spread, spreadOf} from './statistics.ts';

export type Verdict = {
  readonly row: string;
  /** The compared value: `rsync ÷ jangada`, `time`, `memory of the client`. */
  readonly what: string;
  readonly unit: '×' | 'ms' | 'MB';
  readonly measured: Spread;
  /** Undefined: the value has no goal. */
  readonly goal: number | undefined;
  /** Whether a larger value is better, as for a ratio. */
  readonly moreIsBetter: boolean;
  /** How the result compares with the goal: 1 or more means that the goal is met. */
  readonly share: number | undefined;
};

const usualMemoryMB = 150;

export function verdictsOf({row, data, jangada, others}: RowResult): Verdict[] {
  const own = jangada.runs.map(({seconds}) => seconds);
  const verdict = (
    part: Pick<Verdict, 'what' | 'unit' | 'goal' | 'moreIsBetter'> & {values: readonly number[]},
  ): Verdict[] => {
    const {values, ...rest} = part;
    const measured = spreadOf(values);
    const {goal, moreIsBetter} = rest;
    const share =
      goal === undefined
        ? undefined
        : moreIsBetter
          ? measured.median / goal
          : goal / measured.median;
    return values.length === 0 ? [] : [{row: row.name, ...rest, measured, share}];
  };
  const ratio = (name: string, goal: number | undefined, seconds: readonly number[]) =>
    verdict({
      ...{what: `${name} ÷ jangada`, unit: '×', goal, moreIsBetter: true},
      values: ratios(seconds, own),
    });
  const linkSeconds = row.link && data.bytes / row.link.bytesPerSecond;
  return [
    ...others.flatMap(({name, runs}) => {
      const goal = row.others.find(({than}) => than.name === name)?.goal;
      return ratio(
        name,
        goal,
        runs.map(({seconds}) => seconds),
      );
    }),
    ...(linkSeconds === undefined || row.linkGoal === undefined
      ? []
      : ratio(
          'the link',
          row.linkGoal,
          own.map(() => linkSeconds),
        )),
    ...(row.budgetMs === undefined
      ? []
      : verdict({
          ...{what: 'time', unit: 'ms', goal: row.budgetMs, moreIsBetter: false},
          values: own.map(seconds => seconds * 1000),
        })),
    ...(['client', 'server'] as const).flatMap(side =>
      row.memoryMB === 'none'
        ? []
        : verdict({
            ...{what: `memory of the ${side}`, unit: 'MB', goal: row.memoryMB ?? usualMemoryMB},
            moreIsBetter: false,
            values: peaksOf(jangada, side),
          }),
    ),
  ];
}

export function peaksOf({runs}: Measured, side: 'client' | 'server'): number[] {
  return runs.flatMap(run => run[side].peakMB ?? []);
}

export function isMet({share}: Verdict): boolean | undefined {
  return share === undefined ? undefined : share >= 1;
}
