import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

const files = {'fotos/barco.jpg': 'a raft', 'fotos/2025/praia.jpg': 'sand'};

test('a folder, and its files from within or marked above, are saved to one place', async t => {
  const screen = await openApp(t, files);
  const said = () => screen.app.view().message?.text ?? '';
  const totals = () => screen.app.view().transfers.queue;
  // From within.
  screen.type('l');
  await screen.ready();
  screen.type('jd');
  await until(() => totals().done === 1);
  assert.equal(screen.current(), 'barco.jpg');
  assert.equal(readFileSync(join(screen.target, 'fotos/barco.jpg'), 'utf8'), 'a raft');
  // The folder, from above: it asks about the file that is here already, if it was changed.
  writeFileSync(join(screen.target, 'fotos/barco.jpg'), 'mine');
  screen.type('h');
  await screen.ready();
  screen.type('d');
  await until(() => screen.app.view().dialog !== undefined);
  assert.match(screen.app.view().dialog?.title ?? '', /Here already: fotos\/barco\.jpg/);
  screen.type('s');
  await until(() => totals().done === 2);
  assert.match(said(), /Queued praia\.jpg to .*2025\. Skipped 1 file\./);
  assert.deepEqual(readdirSync(screen.target), ['fotos']);
  assert.deepEqual(readdirSync(join(screen.target, 'fotos')).sort(), ['2025', 'barco.jpg']);
});

test('what is queued already is said so, and is one transfer, wherever it is queued from', async t => {
  const big = {'fotos/big.bin': randomBytes(3_000_000), 'fotos/small.txt': 'x'};
  const screen = await openApp(t, big, {server: {limit: 100_000}});
  const total = () => screen.app.view().transfers.queue.total;
  const said = () => screen.app.view().message?.text ?? '';
  screen.type('l');
  // The large file: the small one could arrive before it is paused.
  await until(() => screen.names().includes('small.txt') && screen.current() === 'big.bin');
  screen.type('d');
  await until(() => total() === 1);
  // The link is for the folders then.
  screen.type('3p1d');
  await until(() => /Nothing to queue\. In the queue already: 1 file\./.test(said()));
  screen.type('h');
  await until(() => screen.current() === 'fotos/');
  screen.type('d');
  await until(() => /Queued \S+ to .*In the queue already: 1 file\./.test(said()));
  await until(() => total() === 2);
  const {rows} = screen.queue.snapshot();
  assert.deepEqual(rows.map(({remotePath}) => remotePath).sort(), Object.keys(big));
});
