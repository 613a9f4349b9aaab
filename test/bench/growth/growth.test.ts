import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {growthChart} from '../../../bench/growth/chart.ts';
import {type Curve, growthOf} from '../../../bench/growth/curve.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

const program = path.join(import.meta.dirname, '../../../bench/growth.ts');
const skip = process.platform !== 'linux' && 'processor time comes from /proc';

test('a cost that grows with the amount of work is reported; a cost that falls or stays is not', () => {
  assert.equal(growthOf(curveOf(5, 5, 5)), 1);
  assert.equal(growthOf(curveOf(900, 30, 2)), 1);
  assert.equal(growthOf(curveOf(900, 2, 3)), 1.5);
  assert.equal(growthOf(curveOf(2, 6, 3)), 3);
});

test('each curve has a line with all of its points', () => {
  const svg = growthChart([curveOf(1, 2, 3), curveOf(5)]);
  assert.deepEqual(
    Array.from(
      svg.matchAll(/<polyline[^>]* points="([^"]*)"/g),
      match => match[1]?.split(' ').length,
    ),
    [3, 1],
  );
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test('real clients measure the curves, and nothing is left behind', {skip}, async t => {
  const folder = temporaryFolder(t);
  const [dir, out] = [path.join(folder, 'data'), path.join(folder, 'results')];
  mkdirSync(dir);
  const amounts = ['--largest', '1024', '--entries', '10', '--clients', '3'];
  const {stdout} = await promisify(execFile)(process.execPath, [
    ...[program, ...amounts, '--dir', dir, '--out', out],
  ]);
  assert.match(stdout, /clients +seconds.*\n {2}1 +\S+ +\S+ +\S+\n {2}3 +\S+ +\S+ +\S+\n/s);
  const curves: Curve[] = JSON.parse(readFileSync(path.join(out, 'growth.json'), 'utf8'));
  assert.deepEqual(
    curves.map(({points}) => points.map(({amount}) => amount)),
    [[1, 3], [1024], [10], [30, 100, 300]],
  );
  assert.deepEqual(readdirSync(dir), []);
});

function curveOf(...costs: number[]): Curve {
  const points = costs.map((cost, index) => ({
    ...{amount: 10 ** index, seconds: 1, cost},
    ...{clientMB: undefined, serverMB: undefined},
  }));
  return {name: 'a', of: 'b', costOf: 'c', points};
}
