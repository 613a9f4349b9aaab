import assert from 'node:assert/strict';
import {test} from 'node:test';
import {chartOf} from '../../../bench/report/chart.ts';
import {verdictsOf} from '../../../bench/report/verdicts.ts';
import {resultOf} from './result.ts';

const svg = chartOf(verdictsOf(resultOf({jangada: [1], rsync: [1.2]})));
const widths = (className: string) =>
  Array.from(
    svg.matchAll(new RegExp(`class="${className}" [^>]*? width="([\\d.]+)"`, 'g')),
    match => Number(match[1]),
  );

test('a bar that reaches the line has met its goal, and a shorter bar says so', () => {
  const [, lineAt] = /class="goal" x1="([\d.]+)"/.exec(svg) ?? [];
  const [, barsAt] = /class="met" x="([\d.]+)"/.exec(svg) ?? [];
  const length = Number(lineAt) - Number(barsAt);
  assert.ok(length > 0);
  assert.equal(widths('met').length, 4);
  assert.ok(widths('met').every(width => width >= length));
  assert.deepEqual(widths('short'), [length * 0.75]);
  assert.equal(svg.match(/\) met</g)?.length, 4);
  assert.equal(svg.match(/\) short</g)?.length, 1);
});

test('a chart has colours for dark pages, and its text is escaped', () => {
  const [first] = verdictsOf(resultOf({jangada: [1], rsync: [1.2]}));
  assert.ok(first);
  const other = chartOf([{...first, what: 'a <b> & c'}]);
  assert.match(other, /prefers-color-scheme: dark/);
  assert.match(other, /a &lt;b&gt; &amp; c/);
});

test('a chart shows the highest memory use of each side over all rows', () => {
  const rows = verdictsOf(resultOf({jangada: [1], rsync: [1.2]}));
  const more = rows.map(verdict => ({
    ...verdict,
    ...{row: 'other', share: (verdict.share ?? 0) / 2},
  }));
  const labels = Array.from(chartOf([...rows, ...more]).matchAll(/>(\w+: memory [^<]*)</g));
  assert.deepEqual(
    labels.map(([, label]) => label),
    ['other: memory of the client', 'other: memory of the server'],
  );
});
