import assert from 'node:assert/strict';
import {test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

test('the preview shows the beginning of a file without a download, and its control sequences as escapes', async t => {
  const {jangada, keep} = await startJourney(t, {
    files: {
      'a.txt': 'ol\u00e1 mar\n\u001b]0;owned\u0007\n',
      'b.bin': noise(3 * MiB),
      'c.txt': Buffer.from('caf\xe9', 'latin1'),
      d: '',
    },
  });
  keep('a.txt', 'old');
  const screen = jangada();
  // The right pane shows the details of the file without a key.
  await screen.waitFor(/Details a\.txt[\s\S]*there +\d\d B[\s\S]*here +3 B[\s\S]*target\/a\.txt/);
  screen.type('i');
  await screen.waitFor(
    /Preview a\.txt[\s\S]*UTF-8, 2 lines[\s\S]*olá mar[\s\S]*\\x1b\]0;owned\\x07/,
  );
  screen.press('down');
  await screen.waitFor(
    /Preview b\.bin[\s\S]*65,536 bytes, the beginning[\s\S]*00000008 {2}[0-9a-f]{2} /,
  );
  screen.press('down');
  await screen.waitFor(/Latin-1, 1 line[\s\S]*café/);
  screen.press('down');
  await screen.waitFor(/an empty file/);
  screen.press('escape');
  const text = await screen.waitFor(/Details d/);
  assert.doesNotMatch(text, /Preview/);
  assert.match(text, /Nothing is queued/);
});

test('in a small terminal i opens the pane of the preview, and Esc goes back', async t => {
  const size = {columns: 60, rows: 15};
  const {jangada} = await startJourney(t, {...size, files: {'a.txt': 'one\ntwo\n'}});
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('i');
  await screen.waitFor(/Preview a\.txt[\s\S]*one[\s\S]*two/);
  screen.press('escape');
  await screen.waitFor(/Details a\.txt/);
  screen.press('escape');
  await screen.waitFor(/1 of 1 ─/);
});

for (const [columns, rows] of [
  [120, 40],
  [80, 24],
  [60, 15],
] as const) {
  test(`i lists a folder without opening it, at ${columns} x ${rows}`, async t => {
    const files = {'sea/b.txt': 'b', 'sea/a.txt': 'a', 'sea/deep/c.txt': 'c'};
    const {jangada} = await startJourney(t, {columns, rows, files});
    const screen = jangada();
    await screen.waitFor(/1 of 1 ─/);
    screen.type('i');
    await screen.waitFor(/Preview sea[\s\S]*3 entries ─[\s\S]*deep\/[\s\S]*a\.txt[\s\S]*b\.txt/);
  });
}

test('a large screen previews small files by itself until i hides the preview, and delays no key', async t => {
  const many = Object.fromEntries(
    Array.from({length: 300}, (_, index) => [`f${100 + index}.txt`, `text of ${100 + index}`]),
  );
  const {jangada} = await startJourney(t, {
    columns: 200,
    rows: 60,
    files: {...many, 'z.bin': noise(MiB)},
  });
  const screen = jangada();
  await screen.waitFor(/Details f100\.txt[\s\S]*1 line \(i hides it\) ─[\s\S]*text of 100/);
  // While a key is held, the files that the cursor passes get no preview.
  for (let index = 0; index < 30; index++) {
    screen.press('down');
  }

  await screen.waitFor(/▌ +f130\.txt[\s\S]*Details f130|Details f130[\s\S]*▌ +f130\.txt/);
  await screen.waitFor(/text of 130/);
  screen.press('end');
  const large = await screen.waitFor(/Details z\.bin[\s\S]*i previews it/);
  assert.doesNotMatch(large, /hides it/);
  screen.press('home');
  await screen.waitFor(/text of 100/);
  screen.press('escape');
  screen.press('down');
  await screen.waitFor(/text of 101/);
  screen.type('i');
  await screen.waitFor(text => !text.includes('text of') && /Details f101\.txt/.test(text));
  screen.press('down');
  await screen.waitFor(/Details f102\.txt[\s\S]*i previews it/);
  screen.type('i');
  await screen.waitFor(/Preview f102\.txt[\s\S]*text of 102/);
});
