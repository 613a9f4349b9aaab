import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {movePlace} from '../../../../source/transfers/database/move-place.ts';
import {Row} from '../../../../source/transfers/queue/row.ts';
import {Rows} from '../../../../source/transfers/queue/rows.ts';
import {type Priority, priorities, rankOf} from '../../../../source/transfers/terms/priority.ts';
import {isSettled} from '../../../../source/transfers/terms/transfer-state.ts';
import {path} from '../../../fixtures/harness.ts';

type Options = {position?: number; name?: string; folder?: string; priority?: Priority};

function row(id: number, options: Options = {}): Row {
  const {position = id, name = `f${id}`, folder = '/target', priority} = options;
  const transfer = {remotePath: path(name), folder, localPath: name, onConflict: 'fail'} as const;
  return new Row(id, position, {...transfer, priority});
}

const ids = (rows: readonly Row[]): number[] => rows.map(({id}) => id);

const aPriority = fc.constantFrom(...priorities);
const aStep = fc.oneof(
  fc.tuple(fc.constant('add' as const), fc.double({min: 0, max: 9, noNaN: true}), aPriority),
  fc.tuple(fc.constant('move' as const), fc.nat(), fc.integer({min: -4, max: 4})),
  fc.tuple(fc.constant('prioritize' as const), fc.nat(), aPriority),
  fc.tuple(fc.constant('settle' as const), fc.nat()),
);

test('rows are in order, and where they say, whatever was moved', () => {
  fc.assert(
    fc.property(fc.array(aStep, {maxLength: 60}), steps => {
      const rows = new Rows();
      for (const [index, step] of steps.entries()) {
        const chosen = step[0] === 'add' ? undefined : rows.all[step[1] % rows.size];
        if (step[0] === 'add') {
          rows.add(row(index + 1, {position: step[1], priority: step[2]}));
        } else if (chosen !== undefined && step[0] === 'move') {
          const equals = rows.all.filter(
            other =>
              other.priority === chosen.priority && (other === chosen || !isSettled(other.state)),
          );
          const {changed} = movePlace(equals, equals.indexOf(chosen), step[2]);
          const moved = rows.move(chosen.id, step[2]);
          assert.deepEqual(
            moved.map(({id, position}) => ({id, position})),
            changed,
          );
        } else if (chosen !== undefined && step[0] === 'prioritize') {
          rows.prioritize(chosen, step[2]);
        } else if (chosen !== undefined) {
          rows.set(chosen, {name: 'done', outcome: 'verified'});
        }

        const sorted = rows.all.toSorted(
          (a, b) =>
            rankOf(a.priority) - rankOf(b.priority) || a.position - b.position || a.id - b.id,
        );
        assert.deepEqual(ids(rows.all), ids(sorted));
        assert.deepEqual(
          rows.all.map(one => rows.indexOf(one)),
          [...rows.all.keys()],
        );
      }
    }),
  );
});

test('where there is no room between two places, all of a priority get new ones', () => {
  const rows = new Rows();
  const [a, b, c] = [row(1, {position: 1}), row(2, {position: 1}), row(3, {position: 2})];
  for (const one of [a, b, c]) {
    rows.add(one);
  }

  assert.equal(rows.move(3, -1).length, 3);
  assert.deepEqual(ids(rows.all), [1, 3, 2]);
  assert.deepEqual(
    [a, c, b].map(one => rows.indexOf(one)),
    [0, 1, 2],
  );
});

test('a file is found by its remote path: its latest transfer, or the one that is left', () => {
  const rows = new Rows();
  const [first, second] = [row(1, {name: 'a'}), row(2, {name: 'a', folder: '/other'})];
  rows.add(first);
  assert.equal(rows.find(path('a')), first);
  assert.equal(rows.find(path('b')), undefined);
  rows.add(second);
  assert.equal(rows.find(path('a')), second);
  rows.forget([second]);
  assert.equal(rows.find(path('a')), first);
});

test('a place is one row’s, until that is settled, forgotten or saves elsewhere', () => {
  const rows = new Rows();
  const [first, second, other] = [
    row(1, {name: 'a/b'}),
    row(2, {name: 'a/b'}),
    row(3, {name: 'a/b', folder: '/other'}),
  ];
  for (const one of [first, second, other]) {
    rows.add(one);
  }

  assert.deepEqual(
    [first, second, other].map(one => rows.reserve(one)),
    [true, false, true],
  );
  assert.equal(rows.holderOf(second), first);
  rows.set(first, {name: 'done', outcome: 'verified'});
  assert.equal(rows.reserve(second), true);
  assert.equal(rows.reserve(first), false);
  rows.forget([second]);
  assert.equal(rows.holderOf(first), undefined);
});

test('a name that this disk writes otherwise has the place of what it becomes', () => {
  const rows = new Rows();
  // The byte FF, which becomes `%FF`.
  const [bytes, text] = [row(1, {name: 'a\udcff'}), row(2, {name: 'a%FF'})];
  rows.add(bytes);
  rows.add(text);
  assert.deepEqual([bytes.target, text.target], ['/target/a%FF', '/target/a%FF']);
  assert.equal(rows.reserve(bytes), true);
  assert.equal(rows.reserve(text), false);
});
