import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {test} from 'node:test';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

const conflictFiles = {'one.txt': 'one there', 'two.txt': 'two there', 'three.txt': 'three there'};

test('the screen asks about files that exist already; Esc changes neither these files nor the marks', async t => {
  const {keep, saved, target, jangada} = await startJourney(t, {files: conflictFiles});
  keep('one.txt', 'one here');
  keep('two.txt', 'two here');
  const screen = jangada();
  await screen.waitFor(/1 of 3 ─/);
  screen.type('ad');
  const text = await screen.waitFor(/Here already: one\.txt/);
  assert.match(text, /here +8 B[\s\S]*there +9 B/);
  assert.match(text, /r {2}Resume +go on at 88 %: equal blocks stay/);
  assert.match(text, /o {2}Overwrite +replace it: fetch the whole file again/);
  assert.match(text, /n {2}New name +keep both: save as one \(2\)\.txt/);
  assert.match(text, /s {2}Skip +keep the local file, fetch nothing/);
  assert.match(text, /a {2}the same answer for all 2 files/);
  screen.press('escape');
  await screen.waitFor(/● 3 marked[\s\S]*Stopped; nothing was queued\./);
  assert.deepEqual(readdirSync(target).sort(), ['one.txt', 'two.txt']);
  assert.equal(`${saved('one.txt')}`, 'one here');
  assert.equal(`${saved('two.txt')}`, 'two here');

  // Esc stops also after the first of two questions has been answered.
  screen.type('d');
  await screen.waitFor(/Here already: one\.txt/);
  screen.type('o');
  await screen.waitFor(/Here already: two\.txt/);
  screen.press('escape');
  await screen.waitFor(/● 3 marked[\s\S]*Stopped; nothing was queued\./);
  assert.equal(`${saved('one.txt')}`, 'one here');

  // One file is kept, the other is replaced, and the missing one arrives.
  screen.type('d');
  await screen.waitFor(/Here already: one\.txt/);
  screen.type('s');
  await screen.waitFor(/Here already: two\.txt/);
  screen.type('o');
  await screen.waitFor(/2 done[\s\S]*Queued 2 files to .*\. Skipped 1 file\./);
  assert.equal(`${saved('one.txt')}`, 'one here');
  assert.equal(`${saved('two.txt')}`, 'two there');
  assert.equal(`${saved('three.txt')}`, 'three there');
});

test('one answer for all: overwrite, and skip', async t => {
  const {keep, saved, jangada} = await startJourney(t, {files: conflictFiles});
  for (const name of Object.keys(conflictFiles)) {
    keep(name, 'here');
  }

  const screen = jangada();
  await screen.waitFor(/1 of 3 ─/);
  screen.type('ad');
  await screen.waitFor(/Here already/);
  screen.type('a');
  await screen.waitFor(/\[x\] a/);
  screen.type('s');
  await screen.waitFor(/Nothing to queue\. Skipped 3 files\./);
  assert.equal(`${saved('one.txt')}`, 'here');
  screen.type('ad');
  await screen.waitFor(/Here already/);
  // A capital letter is the answer for all files.
  screen.type('O');
  await screen.waitFor(/3 done/);
  for (const [name, content] of Object.entries(conflictFiles)) {
    assert.equal(`${saved(name)}`, content);
  }
});

test('a new name beside the existing file, and a repair that keeps the good blocks', async t => {
  const content = noise(3 * MiB);
  const {keep, saved, target, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  const damaged = Buffer.from(content);
  damaged[MiB + 5] = (damaged[MiB + 5] ?? 0) ^ 1;
  keep('boat.bin', damaged);
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('d');
  await screen.waitFor(/Here already: boat\.bin/);
  screen.press('down', 'down', 'enter');
  await screen.waitFor(/1 done/);
  const names = readdirSync(target);
  assert.equal(names.length, 2, `${names}`);
  const other = names.find(name => name !== 'boat.bin') ?? '';
  assert.ok(saved(other)?.equals(content), 'the new one is whole');
  assert.ok(saved('boat.bin')?.equals(damaged), 'the one that was here is as it was');

  screen.type('d');
  await screen.waitFor(/Here already: boat\.bin/);
  screen.type('r');
  await screen.waitFor(/2 done[\s\S]*verified, 2\.1 MB were here +3\.15 MB/);
  assert.ok(saved('boat.bin')?.equals(content));
});
