import assert from 'node:assert/strict';
import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {digestOf, rootDigest} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {Queue, type TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';
import {blockFrame, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

const version = 'v1';
const content = Buffer.from('content');

/** Download a file whose size and time the server gives as `claims`. With `listedSize`, download it as a small file. */
async function fetchFrom(
  t: TestContext,
  claims: {size: number; mtimeMs: number},
  listedSize?: number,
): Promise<{row: TransferSnapshot | undefined; folder: string}> {
  const root = rootDigest('sha256', digestOf('sha256', content)).toString('hex');
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.stat) {
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...claims, version}));
    } else if (kind === frameKinds.get) {
      socket.write(
        Buffer.concat([
          encodeAnswer('file', {...claims, version}),
          blockFrame(0, content),
          encodeAnswer('end', {version, root}),
        ]),
      );
    }
  });
  await using client = new Client(address);
  await using queue = new Queue({client});
  const folder = temporaryFolder(t);
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder, localPath: 'a', onConflict: 'fail', size: listedSize},
  ]);
  await queue.idle();
  return {row: queue.transfer(id), folder};
}

test('a file that is too large to be verified is refused, and leaves nothing behind', async t => {
  const {row, folder} = await fetchFrom(t, {size: Number.MAX_SAFE_INTEGER, mtimeMs: 0});
  assert.equal(row?.state.name === 'failed' && row.state.code, 'too_large');
  assert.deepEqual(readdirSync(folder), []);
});

for (const mtimeMs of [1e300, -1e300, 8.64e15, -8.64e15]) {
  for (const listedSize of [undefined, content.length]) {
    const how = listedSize === undefined ? 'by itself' : 'among small files';
    test(`a file of the time ${mtimeMs} arrives with a valid time, ${how}`, async t => {
      const {row, folder} = await fetchFrom(t, {size: content.length, mtimeMs}, listedSize);
      assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
      assert.ok(!Number.isNaN(statSync(join(folder, 'a')).mtime.getTime()));
    });
  }
}
