import assert from 'node:assert/strict';
import {test} from 'node:test';
import {nearest} from '../../../protocol/program/nearest.ts';

test('the nearest name is the one with the fewest changes', () => {
  const names = ['host', 'port', 'help', 'log-level', 'max-connections'];
  assert.equal(nearest('prot', names), 'port');
  assert.equal(nearest('loglevel', names), 'log-level');
  assert.equal(nearest('Host', names), 'host');
  for (const far of ['bogus', 'x', '', 'x'.repeat(10_000)]) {
    assert.equal(nearest(far, names), undefined, far);
  }
});
