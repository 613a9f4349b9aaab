import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import type {ManyResult} from '../../../../../source/transfers/download/compare/compare-many.ts';
import {ResultRows} from '../../../../../source/tui/model/verifier/result-rows.ts';
import {noise, until} from '../../../../fixtures/harness.ts';
import {report} from '../../view/lines.ts';
import {openApp} from '../open-app.ts';

const result = (path: string, verdict: 'good' | 'bad' | 'absent'): ManyResult =>
  verdict === 'absent'
    ? {name: 'absent', path: parseRemotePath(path), bytes: 1}
    : {
        ...{name: 'compared', path: parseRemotePath(path), bytes: 1},
        report: report([verdict], verdict === 'good'),
        place: {folder: '/d', localPath: path},
      };

suite('results of many comparisons', () => {
  test('results that need an answer come first, in the order of names, whenever they arrive', () => {
    const rows = new ResultRows();
    rows.add(result('b', 'good'));
    rows.add(result('page-10', 'bad'));
    rows.add(result('c', 'absent'));
    const [first] = rows.slice(0, 1);
    rows.add(result('page-9', 'bad'));
    rows.add({name: 'failed', path: 'x', bytes: 1, reason: 'it is gone'});
    assert.deepEqual(
      rows.slice(0, 9).map(({label}) => label),
      ['page-9', 'page-10', 'x', 'c', 'b'],
    );
    assert.deepEqual(
      rows.slice(1, 3).map(({kind}) => kind),
      ['differs', 'failed', 'absent'],
    );
    assert.equal(first && rows.positionOf(first), 1);
  });

  test('of 100,000 files, those that differ are kept and most others are only counted', () => {
    const rows = new ResultRows();
    for (let index = 0; index < 100_000; index++) {
      const verdict = index % 10 === 0 ? 'bad' : index % 10 === 1 ? 'absent' : 'good';
      rows.add(result(`f${index}`, verdict));
    }

    assert.equal(rows.length, 12_000);
    assert.equal(rows.differing.length, 10_000);
    assert.deepEqual(rows.counts, {differs: 10_000, failed: 0, absent: 10_000, same: 80_000});
  });

  test('if the blocks of all results do not fit, only their numbers are kept', () => {
    const rows = new ResultRows();
    const large = result('a', 'bad');
    assert.ok(large.name === 'compared');
    const blocks = Array.from({length: 600_000}, () => 'bad' as const);
    rows.add({...large, report: report(blocks)});
    rows.add({...large, path: parseRemotePath('b'), report: report(blocks)});
    const kept = rows.differing.map(({hasBlocks, report: {bad}}) => [hasBlocks, bad]);
    assert.deepEqual(kept, [
      [true, 600_000],
      [false, 600_000],
    ]);
  });
});

suite('many files in the interface', () => {
  /** Write a file below the target folder. */
  const keep = (target: string, name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(target, name)), {recursive: true});
    writeFileSync(join(target, name), content);
  };

  test('a file of the same name outside of the tree is no copy of an absent one', async t => {
    const screen = await openApp(t, {'a/x.jpg': 'x', 'a/y.jpg': 'y'});
    keep(screen.target, 'x.jpg', 'x');
    screen.type('v');
    await until(() => screen.app.view().results?.state === 'done');
    const states = () => screen.app.view().results?.rows.map(({now}) => now?.name);
    assert.deepEqual(states(), ['absent', 'absent']);
    keep(screen.target, 'a/y.jpg', 'y');
    await until(() => states()?.join() === 'absent,outdated');
  });

  test('a folder is compared with its local copies, and R repairs all that differ and reports the bytes', async t => {
    const content = noise(2 * blockSize);
    const screen = await openApp(t, {'a/one.bin': content, 'a/b/two.txt': 'two', 'a/gone.txt': ''});
    const damaged = Buffer.from(content);
    damaged.fill(0, 3, 9);
    keep(screen.target, 'a/one.bin', damaged);
    keep(screen.target, 'a/b/two.txt', 'TWO');
    screen.type('v');
    await until(() => screen.app.view().results?.state === 'done');
    const counts = () => screen.app.view().results?.counts;
    assert.deepEqual(counts(), {differs: 2, failed: 0, absent: 1, same: 0});
    screen.type('2R');
    await until(() => screen.app.view().results?.repaired === 2);
    await until(
      () =>
        screen.app
          .view()
          .results?.rows.map(({now}) => now?.name)
          .join() === 'verified,verified,absent',
    );
    assert.deepEqual(readFileSync(join(screen.target, 'a/one.bin')), content);
    assert.equal(readFileSync(join(screen.target, 'a/b/two.txt'), 'utf8'), 'two');
    screen.type('R');
    assert.match(screen.app.view().message?.text ?? '', /nothing to repair/);
  });

  test('a folder at the place of a copy is not a copy, and the others are compared', async t => {
    const screen = await openApp(t, {'a/one.txt': 'one', 'a/b/two.txt': 'two'});
    keep(screen.target, 'a/one.txt', 'one');
    // A folder at the place of the copy.
    mkdirSync(join(screen.target, 'a/b/two.txt'), {recursive: true});
    screen.type('v');
    await until(() => screen.app.view().results?.state === 'done');
    assert.deepEqual(screen.app.view().results?.counts, {
      ...{differs: 0, failed: 0, absent: 1, same: 1},
    });
    assert.equal(screen.app.view().results?.rows[1]?.row.label, displayName('a/one.txt'));
  });

  test('a stopped run keeps its results, and Esc goes back from one file to the list', async t => {
    const names = Array.from({length: 40}, (_, index) => `a/${index}.txt`);
    const screen = await openApp(t, Object.fromEntries(names.map(name => [name, name])));
    for (const name of names) {
      keep(screen.target, name, 'different');
    }

    screen.type('v');
    await until(() => (screen.app.view().results?.counts.differs ?? 0) > 1);
    screen.type('2');
    screen.app.press({name: 'escape', text: ''});
    const state = screen.app.view().results?.state;
    assert.ok(state === 'stopped' || screen.app.view().results?.counts.differs === names.length);
    screen.type('j');
    screen.app.press({name: 'enter', text: ''});
    assert.equal(screen.app.view().results, undefined);
    assert.equal(screen.app.view().verifier.state.name, 'compared');
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.app.view().results?.cursor, 1);
    assert.equal(screen.app.view().focus, 'verifier');
  });
});
