import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {test} from 'node:test';
import {MiB, startJourney} from './journey.ts';

const files = {'boat.bin': randomBytes(3 * MiB), 'sea.txt': 'blue'};

/** Keys without a meaning anywhere. */
const keys = [
  ['f6', '\u001b[17~'],
  ['f7', '\u001b[18~'],
  ['f8', '\u001b[19~'],
  ['f9', '\u001b[20~'],
  ['f11', '\u001b[23~'],
  ['f12', '\u001b[24~'],
  ['f4', '\u001b[14~'],
] as const;

const help = 'Press \\? for the keys';

/** Places in which a key is pressed, each with the keys that lead there, the sign that it is reached, and the advice. */
const places = [
  ['the files', '', /boat\.bin/, help],
  ['the verifier', '2', /a hash/, help],
  ['the transfers', '1d3', /1 (?:run|done)|[◜◠◝◞◡◟] boat/, help],
  ['the details of a transfer', '\r', /saved as/, help],
  ['a question', '\r1s', /Sort by/, 'Enter chooses, Esc goes back'],
  ['the help', 'n?', /Keys/, '/ searches, Esc closes this'],
  ['a line that is typed', '?/', /Filter:/, 'Enter or Esc ends the line'],
] as const;

for (const size of [
  {columns: 120, rows: 40},
  {columns: 60, rows: 15},
]) {
  test(`a key without a meaning says so once, wherever it is pressed, at ${size.columns} x ${size.rows}`, async t => {
    const {jangada} = await startJourney(t, {files, ...size, server: {limit: MiB / 4}});
    const screen = jangada();
    for (const [index, [place, way, reached, advice]] of places.entries()) {
      screen.type(way);
      await screen.waitFor(reached);
      const [name, sequence] = keys[index] ?? keys[0];
      screen.send(sequence);
      await screen.waitFor(new RegExp(`${name} does nothing here\\. ${advice}`));
      assert.match(screen.text, reached, `${place} is still there`);
    }

    // The same key says nothing the second time.
    screen.send('\u001b[17~');
    screen.type('sea');
    await screen.waitFor(/sea\.txt/);
    assert.doesNotMatch(screen.text, /f6 does/);
    screen.press('ctrl-c');
    screen.press('ctrl-c');
    await screen.ended();
    screen.assertRestored();
  });
}
