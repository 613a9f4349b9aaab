import assert from 'node:assert/strict';
import {test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {startGate} from './gate.ts';
import {MiB, startJourney} from './journey.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
] as const;
const small = Object.fromEntries(Array.from({length: 5}, (_, index) => [`f${index}`, 'text']));

for (const size of sizes) {
  const at = `at ${size.columns} x ${size.rows}`;

  test(`the question before quitting disappears when all files have arrived, and q then quits, ${at}`, async t => {
    const {server, jangada} = await startJourney(t, {
      ...size,
      files: {...small, 'big.bin': noise(2 * MiB)},
    });
    const gate = await startGate(t, server);
    const screen = jangada([gate.address]);
    await screen.waitFor(/▌ . big\.bin/);
    gate.shut();
    screen.type('d');
    await screen.waitFor(/0 of 1/);
    screen.type('q');
    await screen.waitFor(/Quit\?[\s\S]*Running: 1 transfer\./);
    gate.open();
    const text = await screen.waitFor(/All transfers have ended meanwhile: q leaves at once\./);
    assert.doesNotMatch(text, /Quit\?|Running:/);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0);
    screen.assertRestored();
  });

  test(`finished transfers give their rows to the files pane while the transfers pane has no focus, ${at}`, async t => {
    const {jangada} = await startJourney(t, {...size, files: small});
    const screen = jangada();
    await screen.waitFor(/1 of 5 /);
    const verified = (text: string) => text.match(/ verified/g)?.length ?? 0;
    const folded = size.columns === 60;
    screen.type('ad');
    await screen.waitFor(text => /5 done/.test(text) && verified(text) === (folded ? 0 : 3));
    screen.type('3');
    await screen.waitFor(text => verified(text) === 5);
    screen.type('1');
    await screen.waitFor(text => verified(text) === (folded ? 0 : 3));
  });
}
