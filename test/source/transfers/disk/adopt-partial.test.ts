import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {blockLength, blockSize} from '../../../../protocol/block.ts';
import {nameToBytes} from '../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {noise, path, temporaryFolder, treeOf, until} from '../../../fixtures/harness.ts';
import {startMetered} from '../../../fixtures/metered.ts';
import {assertVerified} from '../../../fixtures/outcome.ts';

const part = 'a.bin.jangada-part';
const size = 8 * blockSize - 3;
const content = noise(size);

function writeAt(file: string, offset: number, bytes: Buffer): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

const notAnyBytes = process.platform !== 'linux' && 'names are not any bytes here';

/** What other tools leave: the state, how to make it, and the blocks that are missing. */
const foreign: ReadonlyArray<[string, (file: string) => void, number[]]> = [
  [
    'a browser: the front',
    file => writeFileSync(file, content.subarray(0, 3 * blockSize + 5)),
    [3, 4, 5, 6, 7],
  ],
  [
    'aria2: all its length, with holes where nothing came yet',
    file => {
      const fd = openSync(file, 'w');
      ftruncateSync(fd, size);
      writeSync(fd, content, 2 * blockSize, blockSize, 2 * blockSize);
      writeSync(fd, content, 5 * blockSize, blockSize, 5 * blockSize);
      closeSync(fd);
    },
    [0, 1, 3, 4, 6, 7],
  ],
  [
    'sftp -a: too long',
    file => {
      writeFileSync(file, content);
      appendFileSync(file, noise(2 * blockSize, 9));
    },
    [],
  ],
  [
    'curl: an error page in front of the rest',
    file => {
      writeFileSync(file, content);
      writeAt(file, 0, Buffer.from('<html>503</html>'));
    },
    [0],
  ],
  [
    'wget -c: two versions glued together',
    file =>
      writeFileSync(
        file,
        Buffer.concat([noise(4 * blockSize + 1, 7), content.subarray(4 * blockSize + 1)]),
      ),
    [0, 1, 2, 3, 4],
  ],
  [
    'a flipped bit',
    file => {
      writeFileSync(file, content);
      writeAt(file, 6 * blockSize + 100, Buffer.from([(content[6 * blockSize + 100] ?? 0) ^ 8]));
    },
    [6],
  ],
  [
    'something else',
    file => writeFileSync(file, noise(3 * blockSize, 77)),
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
  ['nothing', file => writeFileSync(file, ''), [0, 1, 2, 3, 4, 5, 6, 7]],
  ['all of it', file => writeFileSync(file, content), []],
];

suite('a file that another tool has left becomes the partial file', () => {
  for (const [what, make, missing] of foreign) {
    test(`${what}: its matching blocks stay, the others are fetched`, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      const local = join(temporaryFolder(t), 'a.bin.crdownload');
      make(local);
      const {row, blocks} = await fetch('a.bin', {from: local});
      assertVerified(row);
      assert.deepEqual(blocks, missing);
      const fetched = missing.reduce((sum, index) => sum + blockLength(size, index), 0);
      assert.equal(row.reusedBytes, size - fetched);
      assert.ok(readFileSync(join(target, 'a.bin')).equals(content));
      assert.deepEqual(readdirSync(target), ['a.bin']);
      assert.equal(existsSync(local), false);
    });
  }

  test('whatever the damage, the file is right in the end, and no good block is fetched', async t => {
    const {serve, target, fetch} = await startMetered(t);
    const blocks = 5;
    const length = blocks * blockSize - 1000;
    const original = noise(length, 3);
    serve('a.bin', original);
    const local = join(temporaryFolder(t), 'left');
    const damage = fc.oneof(
      fc.record({kind: fc.constant('flip' as const), at: fc.nat(length - 1)}),
      fc.record({kind: fc.constant('zero' as const), at: fc.nat(length - 1)}),
      fc.record({kind: fc.constant('cut' as const), at: fc.nat(length)}),
      fc.record({kind: fc.constant('append' as const), at: fc.nat(2 * blockSize)}),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damage, {maxLength: 4}), async damages => {
        let bytes = Buffer.from(original);
        for (const {kind, at} of damages) {
          if (kind === 'cut') {
            bytes = bytes.subarray(0, at);
          } else if (kind === 'append') {
            bytes = Buffer.concat([bytes, noise(at, 5)]);
          } else if (kind === 'flip' && at < bytes.length) {
            bytes[at] = (bytes[at] ?? 0) ^ 1;
          } else if (kind === 'zero' && at < bytes.length) {
            bytes.fill(0, at, Math.min(bytes.length, at + blockSize));
          }
        }

        const bad = Array.from({length: blocks}, (_, index) => index).filter(index => {
          const [from, to] = [index * blockSize, Math.min(length, (index + 1) * blockSize)];
          return !bytes.subarray(from, to).equals(original.subarray(from, to));
        });
        writeFileSync(local, bytes);
        const {row, blocks: fetched} = await fetch('a.bin', {from: local});
        assertVerified(row);
        assert.deepEqual(fetched, bad);
        assert.ok(readFileSync(join(target, 'a.bin')).equals(original));
        assert.deepEqual(readdirSync(target), ['a.bin']);
        renameSync(join(target, 'a.bin'), join(dirname(local), 'done'));
      }),
      {numRuns: 25},
    );
  });

  test('a small file, too', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content.subarray(0, 1000));
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, content.subarray(0, 1000));
    const {row, blocks} = await fetch('a.bin', {from: local, size: 1000});
    assertVerified(row);
    assert.deepEqual({blocks, reused: row.reusedBytes}, {blocks: [], reused: 1000});
    assert.ok(readFileSync(join(target, 'a.bin')).equals(content.subarray(0, 1000)));
  });

  for (const name of ['a.bin', part]) {
    test(`also if it is ${name} itself`, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      mkdirSync(target);
      writeFileSync(join(target, name), content.subarray(0, 2 * blockSize));
      const {row, blocks} = await fetch('a.bin', {from: join(target, name)});
      assertVerified(row);
      assert.deepEqual(blocks, [2, 3, 4, 5, 6, 7]);
      assert.deepEqual(treeOf(target), new Map([['a.bin', content]]));
    });
  }

  test('also if its name and its folder are not UTF-8', {skip: notAnyBytes}, async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    const above = temporaryFolder(t);
    const local = join(above, 'caf\udce9', 'left\udcff.part');
    mkdirSync(nameToBytes(dirname(local)));
    writeFileSync(nameToBytes(local), content.subarray(0, 2 * blockSize));
    const {row, blocks} = await fetch('a.bin', {from: local});
    assertVerified(row);
    assert.deepEqual(blocks, [2, 3, 4, 5, 6, 7]);
    assert.deepEqual(treeOf(target), new Map([['a.bin', content]]));
    assert.deepEqual(readdirSync(nameToBytes(dirname(local))), []);
  });

  test('remembered digests of an earlier, deleted partial file do not count', async t => {
    using locks = new QueueStore(join(temporaryFolder(t), 'queue.db'));
    const {serve, target, queue, fetch} = await startMetered(t, {limit: 4 * blockSize, locks});
    serve('a.bin', content);
    const [id = 0] = queue.add([
      {
        ...{remotePath: path('a.bin'), folder: target, localPath: 'a.bin'},
        onConflict: 'resume',
      },
    ]);
    await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) >= 2 * blockSize);
    queue.cancel(id);
    await queue.idle();
    const place = join(realpathSync(target), 'a.bin');
    assert.ok(locks.partials.recall(place));
    rmSync(join(target, part));

    const next = noise(size, 6);
    serve('a.bin', next);
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, next.subarray(0, 6 * blockSize));
    const {row, blocks} = await fetch('a.bin', {from: local});
    assertVerified(row);
    assert.deepEqual([blocks, row.begunAnew], [[6, 7], false]);
  });

  test('if the file changes on the server meanwhile, its blocks count for the new version', async t => {
    const {serve, target, queue} = await startMetered(t, {limit: 4 * blockSize});
    serve('a.bin', content);
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, content.subarray(0, 2 * blockSize));
    const [id = 0] = queue.add([
      {
        ...{remotePath: path('a.bin'), folder: target, localPath: 'a.bin'},
        ...{onConflict: 'resume', from: local},
      },
    ]);
    await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 2 * blockSize);
    const next = Buffer.concat([content.subarray(0, 5 * blockSize), noise(3 * blockSize, 8)]);
    serve('a.bin', next);
    await queue.idle();
    const row = queue.transfer(id);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.deepEqual([row?.begunAnew, row?.reusedBytes], [true, 2 * blockSize]);
    assert.deepEqual(treeOf(target), new Map([['a.bin', next]]));
  });

  test('after a pause the transfer continues with this partial file', async t => {
    const {serve, target, queue} = await startMetered(t, {limit: 20 * blockSize});
    serve('a.bin', noise(30 * blockSize));
    const local = join(temporaryFolder(t), 'left');
    writeFileSync(local, noise(30 * blockSize).subarray(0, 3 * blockSize));
    const [id = 0] = queue.add([
      {
        ...{remotePath: path('a.bin'), folder: target, localPath: 'a.bin'},
        onConflict: 'resume',
        from: local,
      },
    ]);
    await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) >= 5 * blockSize);
    queue.pause(id);
    await queue.idle();
    assert.deepEqual(readdirSync(target), [part]);
    queue.resume(id);
    await queue.idle();
    assert.equal(queue.transfer(id)?.state.name, 'done');
    assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(30 * blockSize)));
  });
});
