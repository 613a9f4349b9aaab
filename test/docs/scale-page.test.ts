/** Runs the lines of docs/scale.md as printed. test/end-to-end/scale.test.ts runs its settings of HAProxy. */
import assert from 'node:assert/strict';
import {cpSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {treeOf} from '../fixtures/harness.ts';
import {testPage} from './lines/test-page.ts';
import {hasFiles, likeness, serve, stop, type} from './lines/typing.ts';
import {noWorld, startWorld, type World} from './lines/world.ts';

const checkout = join(import.meta.dirname, '../..');
const files = treeOf(join(checkout, 'files'));
const withGluster = {notRun: 'it needs the daemons of GlusterFS: npm run test:engines'};

testPage<World>('scale', {
  skip: noWorld(),
  prepare,
  lines: {
    async 'jangada-server /srv/files --host 10.0.0.11 --trust-proxy 10.0.0.1 --max-connections 1000 --drain 5'(
      place,
      line,
    ) {
      const [address] = await serve(place, line);
      assert.match(address, /^jangadas:\/\/[\w-]{43}@10\.0\.0\.11:1234#sha256:[0-9a-f]{64}$/);
      await type(place, `jangada mget '**' -s '${address}'`);
      hasFiles(place.work, files);
    },
    'gluster volume create shared replica 3 10.0.0.11:/data/brick 10.0.0.12:/data/brick 10.0.0.13:/data/brick':
      withGluster,
    'gluster volume set shared network.ping-timeout 3': withGluster,
    'gluster volume start shared': withGluster,
    'glusterfs --volfile-server=10.0.0.11 --volfile-id=shared /srv/files': withGluster,
    async 'jangada-server /srv/shared/files --digests /srv/shared/digests'(place, line) {
      const [, server] = await serve(place, line);
      const digests = join(place.own.srv, 'shared/digests');
      // The server does not keep digests of a file that has just changed, so ask again until it does.
      for (let tries = 0; tries < 60 && treeOf(digests).size === 0; tries++) {
        await type(place, 'jangada hash --root mar/mar.bin');
      }

      assert.ok(treeOf(digests).size > 0, 'the digests are there');
      await stop(server);
    },
    async 'jangada ping'(place, line) {
      await type(place, line, 3);
      await serve(place, 'jangada-server /srv/files');
      assert.match(
        (await type(place, line)).trimEnd(),
        likeness('ready  1 ms  jangada://127.0.0.1:1234'),
      );
    },
    async 'jangada list'(place, line) {
      assert.match(await type(place, line), /^d .* fotos$/m);
    },
    'npm run test:engines': {notRun: 'it takes ten minutes'},
  },
});

async function prepare(t: TestContext): Promise<World> {
  const world = await startWorld(t, {addresses: ['10.0.0.11']});
  for (const folder of ['files', 'shared/files']) {
    cpSync(join(checkout, 'files'), join(world.own.srv, folder), {recursive: true});
  }

  return world;
}
