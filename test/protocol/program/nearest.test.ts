import assert from 'node:assert/strict';
import {test} from 'node:test';
import {distance, nearest} from '../../../protocol/program/nearest.ts';

test('the nearest name is the one with the fewest changes', () => {
  const names = ['host', 'port', 'help', 'log-level', 'max-connections'];
  assert.equal(nearest('prot', names), 'port');
  assert.equal(nearest('loglevel', names), 'log-level');
  assert.equal(nearest('Host', names), 'host');
  for (const far of ['bogus', 'x', '', 'x'.repeat(10_000)]) {
    assert.equal(nearest(far, names), undefined, far);
  }
});

test('the distance of two words counts added, missing, changed and swapped letters', () => {
  for (const [one, other, slips] of [
    ['', '', 0],
    ['list', 'list', 0],
    ['lst', 'list', 1],
    ['lsit', 'list', 1],
    ['lisst', 'list', 1],
    ['lost', 'list', 1],
    ['', 'list', 4],
    ['cget', 'sget', 1],
  ] as const) {
    assert.equal(distance(one, other), slips, `${one} ${other}`);
    assert.equal(distance(other, one), slips);
  }

  assert.equal(nearest('x'.repeat(100_000), ['list', 'hash']), undefined);
  assert.equal(nearest('lasd', ['list', 'hash']), 'list');
  assert.equal(nearest('lbsd', ['list']), 'list');
  assert.equal(nearest('xbsd', ['list']), undefined);
  assert.equal(nearest('x', []), undefined);
});
