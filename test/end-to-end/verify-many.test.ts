import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
];

/** A tree of five files. Of the local copies one is damaged, one is cut, and one is missing. */
async function startTree(t: Parameters<typeof startJourney>[0], size: (typeof sizes)[number]) {
  const files = {
    'maps/a.bin': noise(3 * MiB),
    'maps/b.bin': noise(4 * MiB + 5),
    'maps/c.txt': 'coast',
    'maps/deep/d.txt': 'reef',
    'boat.bin': noise(2 * MiB),
  };
  const journey = await startJourney(t, {files, ...size});
  const damaged = Buffer.from(files['maps/a.bin']);
  damaged.fill(0, MiB, MiB + 9);
  journey.keep('maps/a.bin', damaged);
  journey.keep('maps/b.bin', files['maps/b.bin'].subarray(0, 2 * MiB));
  journey.keep('maps/c.txt', files['maps/c.txt']);
  journey.keep('boat.bin', files['boat.bin']);
  return {...journey, files};
}

suite('many files are verified at once', () => {
  for (const size of sizes) {
    test(`a folder, at ${size.columns} by ${size.rows}: differing files come first, and R repairs all of them`, async t => {
      const {files, saved, jangada} = await startTree(t, size);
      const screen = jangada();
      await screen.waitFor(/maps\//);
      screen.type('v');
      const text = await screen.waitFor(
        size.columns === 120 ? /✗ 2 differ .*\s*│[^│]*│ R repairs/ : /✗ 2.*□ 1.*✓ 1/,
      );
      assert.match(text, /differs +\S*a\.bin[\s\S]*differs +\S*b\.bin[\s\S]*not here[\s\S]*same/);
      if (size.columns === 120) {
        assert.match(text, /Verifier 4 files/);
        assert.match(text, /✗ 2 differ · □ 1 not here · ✓ 1 same/);
        assert.match(text, /R repairs 2: fetches 3\.15 MB/);
        assert.match(text, /maps\/a\.bin +■2 ✗1/);
        assert.match(text, /maps\/b\.bin +■2 □3/);
      }

      screen.type('2R');
      await screen.waitFor(/□ 1.*✓ 3/);
      await screen.waitFor(/same +\S*a\.bin[\s\S]*same +\S*b\.bin/);
      assert.ok(saved('maps/a.bin')?.equals(files['maps/a.bin']));
      assert.ok(saved('maps/b.bin')?.equals(files['maps/b.bin']));
      assert.equal(saved('maps/deep/d.txt'), undefined, 'what is not here is not fetched');
    });
  }

  test('in the list of marked files Enter shows the blocks of one, and Esc goes back to the list, then to the files', async t => {
    const {jangada} = await startTree(t, {columns: 120, rows: 40});
    const screen = jangada();
    await screen.waitFor(/1 of 2 ─/);
    screen.type('av');
    await screen.waitFor(/✗ 2 differ · □ 1 not here · ✓ 2 same/);
    screen.type('2');
    screen.press('down', 'enter');
    await screen.waitFor(/Verifier .*b\.bin[\s\S]*■ 2 good {2}□ 3 missing/);
    screen.press('escape');
    await screen.waitFor(/▌✗ differs +maps\/b\.bin/);
    screen.press('end');
    await screen.waitFor(/▌✓ same/);
    screen.press('escape');
    // The cursor of the files pane has not moved, so the list stays on the screen.
    await screen.waitFor(/✗ 2 differ[\s\S]*▌ ● maps\//);
    // The files pane has the same results.
    screen.press('enter');
    await screen.waitFor(/a\.bin .* ✗ differs[\s\S]*b\.bin .* ✗ differs[\s\S]*c\.txt .* ✓ same/);
  });

  test('a file of the same name in another folder does not count as a copy', async t => {
    const {keep, saved, jangada} = await startJourney(t, {
      files: {'maps/deep/index.txt': 'theirs'},
    });
    keep('index.txt', 'mine');
    const screen = jangada();
    await screen.waitFor(/1 of 1 ─/);
    screen.type('v');
    await screen.waitFor(/□ 1 not here/);
    screen.type('2R');
    await screen.waitFor(/nothing to repair/);
    assert.equal(saved('index.txt')?.toString(), 'mine');
  });

  test('Esc stops a run, and its results stay', async t => {
    const files = Object.fromEntries(
      Array.from({length: 3000}, (_, index) => [`many/${index}.txt`, String(index)]),
    );
    const {keep, jangada} = await startJourney(t, {files});
    for (const [name, content] of Object.entries(files)) {
      keep(name, content);
    }

    const screen = jangada();
    await screen.waitFor(/1 of 1 ─/);
    screen.type('v');
    await screen.waitFor(/✓ \d+ same/);
    screen.press('escape');
    await screen.waitFor(/stopped|3,000 files/);
  });
});
