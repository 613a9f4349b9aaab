/** Runs the lines of docs/buckets.md as printed, with a bucket service on this machine. */
import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {treeOf} from '../fixtures/harness.ts';
import {bucketHost, bucketKeys, startBucket} from './lines/bucket.ts';
import {testPage} from './lines/test-page.ts';
import {hasFiles, serve, type} from './lines/typing.ts';
import {noWorld, startWorld, type World} from './lines/world.ts';

type Place = World & {keys?: string};

const files = treeOf(new URL('../../files', import.meta.url).pathname);
const pictures = new Map([...files].filter(([name]) => name.endsWith('.jpg')));

testPage<Place>('buckets', {
  skip: noWorld(),
  prepare,
  lines: {
    async 'export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…'(place, line) {
      place.keys = line.replace('…', 'AKIDPAGE').replace('…', 'secret');
      assert.equal(place.keys, bucketKeys);
    },
    async 'jangada-server s3://photos/2026 --s3-endpoint http://10.0.0.5:7480'(place, line) {
      // Without the keys the server does not start.
      await type(place, line, 1);
      await serve(place, `${place.keys}\n${line}`);
    },
    async "jangada mget '**/*.jpg' --to /data"(place, line) {
      await type(place, line);
      assert.ok(pictures.size > 1);
      hasFiles(place.own.data, pictures);
    },
    async 'jangada ping'(place, line) {
      assert.match(await type(place, line), /^ready /);
    },
    'npm run test:engines -- bucket': {notRun: 'it needs the daemons of Ceph'},
    'npm run test:engines -- bucket-servers': {notRun: 'it needs the daemons of Ceph'},
  },
});

async function prepare(t: TestContext): Promise<Place> {
  const world = await startWorld(t, {addresses: [bucketHost]});
  const objects = [...files].map(([name, content]): [string, Buffer] => [`2026/${name}`, content]);
  await startBucket(world, new Map([...objects, ['2025/not-served.jpg', Buffer.from('old')]]));
  return world;
}
