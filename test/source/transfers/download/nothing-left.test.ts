import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {createWholePartial} from '../../../../source/transfers/disk/whole-partial.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

const part = '.jangada-part';

test('a file that does not fit on the disk leaves no empty partial file', async t => {
  const target = smallDisk(t, 2);
  if (target !== undefined) {
    const {serve, download} = await startHarness(t, {target});
    serve('a', noise(4 * blockSize));
    const [row] = await download(['a']);
    assert.equal(row?.state.name, 'paused');
    assert.deepEqual(readdirSync(target), []);
  }
});

test('a small file leaves no part of itself on a full disk', t => {
  const disk = smallDisk(t, 1);
  if (disk !== undefined) {
    writeFileSync(join(disk, 'in the way'), noise(blockSize / 2));
    using target = new TargetFolder(disk);
    const folder = target.open([]);
    t.after(() => folder.release());
    assert.throws(
      () => createWholePartial(folder, 'a', noise(blockSize)),
      error => isJangadaError(error, 'no_space'),
    );
    assert.deepEqual(readdirSync(disk), ['in the way']);
  }
});

/** Download a file of four blocks of which the server sends the entry, but no block. */
async function failToFetch(t: TestContext, target: string): Promise<void> {
  const size = 4 * blockSize;
  const address = await startHostileServer(t, (socket, {kind}) => {
    const isStat = kind === frameKinds.stat;
    socket.write(
      isStat
        ? encodeAnswer('entry', {name: 'a', type: 'file', size, mtimeMs: 0, version: 'v'})
        : encodeAnswer('error', {code: 'forbidden', message: 'no'}),
    );
  });
  await using client = new Client(address);
  await using queue = new Queue({client});
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'resume'},
  ]);
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'failed');
}

test('a file without a received block leaves no empty partial file', async t => {
  const target = temporaryFolder(t);
  await failToFetch(t, target);
  assert.deepEqual(readdirSync(target), []);
});

test('an existing partial file is kept, and an empty file at the final name, too', async t => {
  const target = temporaryFolder(t);
  writeFileSync(join(target, `a${part}`), 'x');
  await failToFetch(t, target);
  assert.equal(readFileSync(join(target, `a${part}`), 'utf8'), 'x');
  const other = join(target, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'a'), Buffer.alloc(0));
  await failToFetch(t, other);
  assert.equal(readdirSync(other).length, 1);
});

test('preallocated space is kept even if no block was received', async t => {
  const target = temporaryFolder(t);
  const partial = join(target, `a${part}`);
  writeFileSync(partial, '');
  if (spawnSync('fallocate', ['-n', '-l', String(blockSize), partial]).status === 0) {
    await failToFetch(t, target);
    assert.ok(statSync(partial).blocks > 0);
  } else {
    t.skip('room cannot be set aside here');
  }
});
