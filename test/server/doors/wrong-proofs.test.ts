import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {WrongProofs} from '../../../server/doors/wrong-proofs.ts';

suite('wrong proofs', () => {
  test('of one address make its next proof wait longer and longer, up to a limit', () => {
    const proofs = new WrongProofs(() => 0);
    const delays = Array.from({length: 8}, () => proofs.add('a').delayMs);
    assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    assert.equal(proofs.add('b').delayMs, 250);
    assert.equal(proofs.add('a').count, 9);
  });

  test('make the next proof of their address wait for what is left of the delay', () => {
    let now = 0;
    const proofs = new WrongProofs(() => now);
    assert.equal(proofs.waitMs('a'), 0);
    proofs.add('a');
    assert.deepEqual([proofs.waitMs('a'), proofs.waitMs('b')], [250, 0]);
    now = 249;
    assert.equal(proofs.waitMs('a'), 1);
    now = 250;
    assert.equal(proofs.waitMs('a'), 0);
    proofs.add('a');
    assert.equal(proofs.waitMs('a'), 500);
    now = 100_000;
    assert.equal(proofs.waitMs('a'), 0);
  });

  test('are forgotten after ten minutes', () => {
    let now = 0;
    const proofs = new WrongProofs(() => now);
    proofs.add('a');
    now = 599_999;
    assert.equal(proofs.add('a').count, 2);
    now += 600_000;
    assert.equal(proofs.add('a').count, 1);
  });

  test('of very many addresses are counted only for the newest addresses', () => {
    const proofs = new WrongProofs(() => 0);
    for (let address = 0; address < 10_001; address++) {
      proofs.add(String(address));
    }

    assert.equal(proofs.add('0').count, 1, 'the oldest is forgotten');
    assert.equal(proofs.add('2').count, 2, 'only one makes room for one');
    assert.equal(proofs.add('10000').count, 2);
  });
});
