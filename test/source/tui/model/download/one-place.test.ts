import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

const files = {'fotos/barco.jpg': 'a raft', 'fotos/2025/praia.jpg': 'sand'};

test('a folder, its single files and marked files are saved to one place', async t => {
  const screen = await openApp(t, files);
  const said = () => screen.app.view().message?.text ?? '';
  const totals = () => screen.app.view().transfers.queue;
  // First a file from within the folder.
  screen.type('l');
  await screen.ready();
  screen.type('jd');
  await until(() => totals().done === 1);
  assert.equal(screen.current(), 'barco.jpg');
  assert.equal(readFileSync(join(screen.target, 'fotos/barco.jpg'), 'utf8'), 'a raft');
  // Then the folder from above. The question comes because the local file has changed.
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

test('files that are already queued are reported, and stay one transfer, wherever they are queued from', async t => {
  const big = {'fotos/big.bin': randomBytes(3_000_000), 'fotos/small.txt': 'x'};
  const screen = await openApp(t, big, {server: {limit: 100_000}});
  const total = () => screen.app.view().transfers.queue.total;
  const said = () => screen.app.view().message?.text ?? '';
  screen.type('l');
  // The large file, because the small one could arrive before it is paused.
  await until(() => screen.names().includes('small.txt') && screen.current() === 'big.bin');
  screen.type('d');
  await until(() => total() === 1);
  // The pause leaves the link to the listings of folders.
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
