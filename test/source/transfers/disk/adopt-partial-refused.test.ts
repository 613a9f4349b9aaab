import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startMetered} from '../../../fixtures/metered.ts';
import {assertVerified, codeOf} from '../../../fixtures/outcome.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

const part = 'a.bin.jangada-part';
const size = 8 * blockSize - 3;
const content = noise(size);

const reasonOf = ({state}: TransferSnapshot) => (state.name === 'failed' ? state.reason : '');

suite('the file of --from is refused and not changed', () => {
  type Made = {folder: string; target: string; local: string};
  const refusals: ReadonlyArray<[string, (made: Made) => void, string, RegExp]> = [
    ['if there is none', () => {}, 'local_io', /left does not exist$/],
    [
      'if it has become the partial before',
      ({target}) => writeFileSync(join(target, part), 'x'),
      'local_io',
      /left does not exist\. a\.bin\.jangada-part exists: to continue it, leave out --from/,
    ],
    [
      'if it is a folder',
      ({local}) => mkdirSync(local),
      'unsafe_target',
      /is a folder, a link or a device/,
    ],
    [
      '45: if it is a link',
      ({folder, local}) => {
        writeFileSync(join(folder, 'precious'), content);
        symlinkSync('precious', local);
      },
      'unsafe_target',
      /is a folder, a link or a device/,
    ],
    [
      '45: if it is a FIFO',
      ({local}) => {
        assert.equal(spawnSync('mkfifo', [local]).status, 0);
      },
      'unsafe_target',
      /is a folder, a link or a device/,
    ],
    [
      'if it has a second name',
      ({folder, local}) => {
        writeFileSync(local, content);
        linkSync(local, join(folder, 'other name'));
      },
      'unsafe_target',
      /second name \(a hard link\).*--seed instead of --from/,
    ],
    [
      'if there is a partial',
      ({target, local}) => {
        writeFileSync(local, content);
        writeFileSync(join(target, part), 'x');
      },
      'exists',
      /a\.bin\.jangada-part exists already: to continue it, leave out --from/,
    ],
    [
      'if there is a file that would be replaced',
      ({target, local}) => {
        writeFileSync(local, content);
        writeFileSync(join(target, 'a.bin'), 'mine');
      },
      'exists',
      /a\.bin exists already: it would be replaced/,
    ],
    [
      'if a link has the name of the partial',
      ({folder, target, local}) => {
        writeFileSync(local, content);
        writeFileSync(join(folder, 'precious'), 'precious');
        symlinkSync('../precious', join(target, part));
      },
      'exists',
      /exists already/,
    ],
  ];

  for (const [when, make, code, reason] of refusals) {
    test(when, {skip: process.platform === 'win32'}, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      mkdirSync(target);
      const folder = join(target, '..');
      const made = {folder, target, local: join(folder, 'left')};
      make(made);
      const before = stateOf(folder);
      const {row, blocks} = await fetch('a.bin', {from: made.local});
      assert.equal(codeOf(row), code, reasonOf(row));
      assert.match(reasonOf(row), reason);
      assert.deepEqual(blocks, []);
      assert.deepEqual(stateOf(folder), before);
    });
  }

  test('if it is not writable', {skip: process.getuid?.() === 0 && 'root may'}, async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, content);
    chmodSync(local, 0o400);
    const {row} = await fetch('a.bin', {from: local});
    assert.equal(codeOf(row), 'local_io');
    assert.match(reasonOf(row), /left: permission denied$/);
    assert.deepEqual(readdirSync(target), []);
    assert.ok(existsSync(local));
  });

  test('if the server has no such file, or a folder of that name', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('folder/x', 'x');
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, content);
    for (const [name, code] of [
      ['gone', 'not_found'],
      ['folder', 'not_a_file'],
    ] as const) {
      const {row} = await fetch(name, {from: local});
      assert.equal(codeOf(row), code);
      assert.deepEqual(readdirSync(target), []);
      assert.ok(readFileSync(local).equals(content));
    }
  });

  test('if it is on another file system, and the error says what to do', async t => {
    const disk = smallDisk(t, 16);
    if (disk === undefined) {
      return;
    }

    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    const local = join(disk, 'left');
    writeFileSync(local, content);
    const {row, blocks} = await fetch('a.bin', {from: local});
    assert.equal(codeOf(row), 'local_io');
    assert.match(reasonOf(row), /on another file system.*--seed instead of --from/);
    assert.deepEqual({blocks, files: readdirSync(target)}, {blocks: [], files: []});
    assert.equal(statSync(local).nlink, 1);
  });

  test('if another transfer is writing it', async t => {
    const {serve, target, queue} = await startMetered(t, {limit: 4 * blockSize});
    serve('a.bin', content);
    serve('other', content);
    const [other = 0] = queue.add([
      {...{remotePath: path('other'), folder: target, localPath: 'other'}, onConflict: 'fail'},
    ]);
    const local = join(target, 'other.jangada-part');
    await until(() => existsSync(local) && statSync(local).size > 0);
    const [id = 0] = queue.add([
      {
        ...{remotePath: path('a.bin'), folder: target, localPath: 'a.bin'},
        onConflict: 'resume',
        from: local,
      },
    ]);
    await until(() => queue.transfer(id)?.state.name === 'failed');
    const row = queue.transfer(id);
    assert.equal(row && codeOf(row), 'locked');
    await queue.idle();
    assert.equal(queue.transfer(other)?.state.name, 'done');
    assert.deepEqual(readdirSync(target), ['other']);
  });

  test('if another client writes to its place', async t => {
    const database = join(temporaryFolder(t), 'queue.db');
    using locks = new QueueStore(database);
    using others = new QueueStore(database);
    const {serve, target, fetch} = await startMetered(t, {locks});
    serve('a.bin', content);
    mkdirSync(target);
    const local = join(target, 'other.jangada-part');
    writeFileSync(local, content);
    const place = join(realpathSync(target), 'other');
    assert.equal(others.places.hold([place]).size, 0);
    const {row} = await fetch('a.bin', {from: local});
    assert.equal(codeOf(row), 'locked');
    assert.match(reasonOf(row), /jangada \(process \d+\) .*\/other/);
    assert.deepEqual(readdirSync(target), ['other.jangada-part']);

    others.places.release([place]);
    assertVerified((await fetch('a.bin', {from: local})).row);
    // Both places become free, though not at once.
    const places = [place, join(realpathSync(target), 'a.bin')];
    await until(() => others.places.hold(places).size === 0);
  });
});

/** All files in a folder, with everything that a change of a file would alter. */
function stateOf(folder: string): unknown {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .sort()
    .map(name => {
      const {ino, mode, size: bytes, mtimeMs, nlink} = lstatSync(join(folder, name));
      return {name, ino, mode, bytes, nlink, mtimeMs: name === 'target' ? 0 : mtimeMs};
    });
}
