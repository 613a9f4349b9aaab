import assert from 'node:assert/strict';
import {test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import type {QueueTotals} from '../../../../source/transfers/queue/queue-view.ts';
import {WindowWatch} from '../../../../source/tui/model/window-watch.ts';

type Counts = Partial<Pick<QueueTotals, 'active' | 'queued' | 'done' | 'failed'>>;

function watch() {
  const seen: string[] = [];
  let totals: Counts = {};
  let nowMs = 0;
  let tell = () => {};
  new WindowWatch({
    queue: {
      totals: () => ({active: 0, queued: 0, done: 0, failed: 0, ...totals}) as QueueTotals,
      subscribe(listener) {
        tell = () => listener(new Set());
        return () => {};
      },
    },
    window: {
      showTitle: title => seen.push(title),
      showProgress: progress =>
        seen.push('percent' in progress ? `${progress.percent} %` : progress.state),
      notify: text => seen.push(`notice: ${text}`),
    },
    server: displayName('nas:1234'),
    nowMs: () => nowMs,
  });
  return {
    at(ms: number, next: Counts) {
      nowMs = ms;
      totals = next;
      tell();
      return seen.splice(0);
    },
    begin: () => seen.splice(0),
  };
}

test('title and task bar follow the work, without earlier files', () => {
  const {at, begin} = watch();
  assert.deepEqual(begin(), ['none', 'nas:1234 - jangada']);
  assert.deepEqual(at(0, {active: 1, queued: 3, done: 10}), ['0 %', '0 of 4 - nas:1234 - jangada']);
  assert.deepEqual(at(100, {active: 1, queued: 2, done: 11}), [
    '25 %',
    '1 of 4 - nas:1234 - jangada',
  ]);
  assert.deepEqual(at(200, {done: 14}), ['none', 'nas:1234 - jangada'], 'too short for a notice');
});

test('the end of long work is reported with its result', () => {
  const {at, begin} = watch();
  begin();
  at(0, {active: 2, done: 1});
  const [, , notice] = at(5000, {done: 2, failed: 1});
  assert.equal(notice, 'notice: 1 file verified, 1 file failed');
});

test('rows that are cleared meanwhile cause no negative numbers', () => {
  const {at, begin} = watch();
  begin();
  at(0, {active: 1, done: 10});
  assert.deepEqual(at(10, {active: 1, done: 0}), ['0 %', '0 of 1 - nas:1234 - jangada']);
  const [, , notice] = at(6000, {done: 1});
  assert.equal(notice, 'notice: Nothing is left to do');
});
