import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {movePlace} from '../../../../source/transfers/database/move-place.ts';
import type {NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import {nextPriority, type Priority} from '../../../../source/transfers/terms/priority.ts';
import {type Harness, noise, path, startHarness, until} from '../../../fixtures/harness.ts';

const names = (queue: Queue) => queue.snapshot().rows.map(row => row.remotePath);

type Place = Harness & {
  /** Queue and pause files that run as single downloads. @returns their ids. */
  paused(...files: ReadonlyArray<readonly [string, Priority?]>): number[];
  /** Resume all transfers, one at a time. @returns their names in the order in which they began. */
  runAll(): Promise<string[]>;
};

async function startPlace(t: TestContext): Promise<Place> {
  const harness = await startHarness(t, {connections: 1});
  const {queue, serve, target} = harness;
  return {
    ...harness,
    paused(...files) {
      const transfers = files.map(([name, priority]): NewTransfer => {
        serve(name, 'x');
        // Without a size a file does not count as small, so each is a single download.
        return {
          remotePath: path(name),
          folder: target,
          localPath: name,
          onConflict: 'fail',
          priority,
        };
      });
      const ids = queue.add(transfers);
      for (const id of ids) {
        queue.pause(id);
      }

      return ids;
    },
    async runAll() {
      const begun = new Set<string>();
      const end = queue.subscribe(() => {
        for (const {remotePath, state} of queue.snapshot().rows) {
          if (state.name !== 'queued' && state.name !== 'paused') {
            begun.add(remotePath);
          }
        }
      });
      for (const {id} of queue.snapshot().rows) {
        queue.resume(id);
      }

      await queue.idle();
      end();
      return [...begun];
    },
  };
}

test('transfers run by priority, then by position, and are listed in this order', async t => {
  const {queue, paused, runAll} = await startPlace(t);
  const [a = 0, , c = 0] = paused(['a'], ['b', 'low'], ['c'], ['d', 'high'], ['e']);
  assert.deepEqual(names(queue), ['d', 'a', 'c', 'e', 'b']);
  queue.setPriority(a, 'low');
  queue.setPriority(c, 'high');
  assert.deepEqual(names(queue), ['c', 'd', 'e', 'a', 'b']);
  paused(['f', 'high']);
  assert.deepEqual(names(queue), ['c', 'd', 'f', 'e', 'a', 'b']);
  // No transfer runs yet; later the first one in the list begins first.
  queue.setPriority(c, 'low');
  assert.deepEqual(names(queue), ['d', 'f', 'e', 'a', 'b', 'c']);
  const [last = 0] = paused(['g']);
  queue.setPriority(last, 'high');
  queue.move(last, -2);
  const expected = ['g', 'd', 'f', 'e', 'a', 'b', 'c'];
  assert.deepEqual(names(queue), expected);
  const order = await runAll();
  // The first transfer begins when it is resumed, which happens in the order of the rows.
  assert.deepEqual(order, expected);
});

test('a transfer moves among the transfers of its priority, and a move that is not possible returns false', async t => {
  const {queue, paused} = await startPlace(t);
  const [a = 0, b = 0, c = 0] = paused(['a', 'high'], ['b'], ['c'], ['d', 'low']);
  assert.equal(queue.move(a, 1), false);
  assert.equal(queue.move(b, -1), false);
  assert.equal(queue.move(c, -5), true);
  assert.equal(queue.move(12345, 1), false);
  assert.deepEqual(names(queue), ['a', 'c', 'b', 'd']);
});

test('a move by one passes the next transfer that is not settled', async t => {
  const {queue, paused} = await startPlace(t);
  const [a = 0, b = 0, c = 0, d = 0] = paused(['a'], ['b'], ['c'], ['d']);
  queue.cancel(b);
  queue.cancel(c);
  assert.equal(queue.move(a, 1), true);
  const isLeft = (name: string) => name === 'a' || name === 'd';
  assert.deepEqual(names(queue).filter(isLeft), ['d', 'a']);
  assert.equal(queue.move(a, 1), false);
  assert.equal(queue.move(d, -1), false);
});

test('a running transfer is not stopped for one of a higher priority', async t => {
  const {serve, queue, target} = await startHarness(t, {
    connections: 1,
    server: {limit: 4 * blockSize},
  });
  const transferOf = (name: string, priority?: Priority): NewTransfer => {
    serve(name, noise(name === 'a' ? 3 * blockSize : 100));
    return {remotePath: path(name), folder: target, localPath: name, onConflict: 'fail', priority};
  };
  const [a = 0] = queue.add([transferOf('a', 'low')]);
  await until(() => (queue.transfer(a)?.verifiedBytes ?? 0) > 0);
  const [b = 0] = queue.add([transferOf('b', 'high')]);
  const states: string[] = [];
  queue.subscribe(() => {
    states.push(`${queue.transfer(a)?.state.name} ${queue.transfer(b)?.state.name}`);
  });
  assert.deepEqual(names(queue), ['b', 'a']);
  await queue.idle();
  assert.equal(queue.snapshot().done, 2);
  const begun = states.find(pair => !pair.endsWith(' queued'));
  assert.match(begun ?? '', /^done /);
});

test('small files of a lower priority do not join the group of those before them', async t => {
  const {serve, queue, target} = await startHarness(t, {connections: 1});
  const transferOf = (name: string, size: number, priority?: Priority): NewTransfer => {
    serve(name, noise(size));
    return {
      remotePath: path(name),
      folder: target,
      localPath: name,
      onConflict: 'fail',
      size,
      priority,
    };
  };
  const seen: string[] = [];
  queue.subscribe(() => {
    const running = queue
      .snapshot()
      .rows.filter(({state}) => !['queued', 'done'].includes(state.name))
      .map(row => row.remotePath);
    if (running.length > 0) {
      seen.push(running.join(''));
    }
  });
  queue.add([
    transferOf('x', 10),
    transferOf('y', 10),
    transferOf('a', 10, 'high'),
    transferOf('b', 2 * blockSize, 'high'),
  ]);
  await queue.idle();
  assert.equal(queue.snapshot().done, 4);
  assert.ok(
    seen.every(names => !/[ab].*[xy]/.test(names)),
    seen.join(' '),
  );
});

test('100,000 transfers are queued, one of them is raised, and they are in order', async t => {
  const {queue, target} = await startHarness(t, {connections: 1});
  const transfers = Array.from(
    {length: 100_000},
    (_, index): NewTransfer => ({
      remotePath: path(`f${index}`),
      folder: target,
      localPath: `f${index}`,
      onConflict: 'fail',
      priority: index === 50 ? 'low' : undefined,
    }),
  );
  const ids = queue.add(transfers);
  queue.setPriority(ids[99_999] ?? 0, 'high');
  const {rows} = queue.snapshot();
  assert.deepEqual(
    [rows[0], rows[1], rows[99_998], rows[99_999]].map(row => row?.remotePath),
    ['f99999', 'f0', 'f99998', 'f50'],
  );
});

test('the highest priority cannot be raised, and the lowest cannot be lowered', () => {
  assert.equal(nextPriority('normal', 'raise'), 'high');
  assert.equal(nextPriority('high', 'raise'), undefined);
  assert.equal(nextPriority('normal', 'lower'), 'low');
  assert.equal(nextPriority('low', 'lower'), undefined);
});

test('there is always a position between two others, however often a transfer moves', () => {
  let rows = [1, 2, 3, 4].map(position => ({id: position, position}));
  for (let round = 0; round < 200; round++) {
    const {to, changed} = movePlace(rows, 0, 2);
    const moved = rows[0];
    assert.equal(to, 2);
    const places = new Map(changed.map(({id, position}) => [id, position]));
    rows = rows
      .map(({id, position}) => ({id, position: places.get(id) ?? position}))
      .sort((one, other) => one.position - other.position);
    assert.equal(rows[2]?.id, moved?.id, `round ${round}`);
  }

  assert.deepEqual(movePlace(rows, 1, 0), {to: 1, changed: []});
  assert.deepEqual(movePlace([], 0, 1), {to: 0, changed: []});
});
