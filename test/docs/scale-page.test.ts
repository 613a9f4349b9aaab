/** Runs the lines of docs/scale.md as printed. test/end-to-end/scale.test.ts runs its settings of HAProxy. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {glusterPrograms} from '../engines/gluster.ts';
import {notInstalled} from '../engines/isolation.ts';
import {treeOf} from '../fixtures/harness.ts';
import {testPage} from './lines/test-page.ts';
import {hasFiles, likeness, serve, stop, type} from './lines/typing.ts';
import {noWorld, startWorld, type World} from './lines/world.ts';

const checkout = join(import.meta.dirname, '../..');
const files = treeOf(join(checkout, 'files'));

type Machines = readonly [World, World, World];

/** The lines for GlusterFS on three machines, in the order of the page. */
const onGluster: Record<string, (machines: Machines, line: string) => Promise<void>> = {
  async 'gluster peer probe 10.0.0.12'([first], line) {
    await type(first, line);
  },
  async 'gluster peer probe 10.0.0.13'([first], line) {
    await type(first, line);
    const connected = 'gluster peer status | grep --count Connected';
    await type(first, `until [ "$(${connected})" = 2 ]; do sleep 0.1; done`);
  },
  async 'gluster volume create shared replica 3 10.0.0.11:/data/brick 10.0.0.12:/data/brick 10.0.0.13:/data/brick'(
    [first],
    line,
  ) {
    await type(first, line);
  },
  async 'gluster volume set shared network.ping-timeout 3'([first], line) {
    await type(first, line);
  },
  async 'gluster volume start shared'([first], line) {
    await type(first, line);
  },
  async 'glusterfs --volfile-server=10.0.0.11 --volfile-id=shared /srv/files'(machines, line) {
    for (const machine of machines) {
      await type(machine, `${line} && until mountpoint --quiet /srv/files; do sleep 0.1; done`);
    }

    const [first, second] = machines;
    await type(first, `cp -r '${join(checkout, 'files')}/.' /srv/files`);
    for (const machine of machines) {
      await type(machine, `diff -r '${join(checkout, 'files')}' /srv/files`);
    }

    const [address] = await serve(second, 'jangada-server /srv/files --host 10.0.0.12');
    await type(first, `jangada mget '**' -s '${address}'`);
    hasFiles(first.work, files);
  },
};

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
    ...Object.fromEntries(
      Object.keys(onGluster).map(line => [line, {notRun: 'the last test runs it on GlusterFS'}]),
    ),
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
    'npm run test:engines': {notRun: 'it takes twenty minutes'},
  },
});

test('the lines of docs/scale.md for GlusterFS do what the page says', {
  skip: noGluster(),
  timeout: 240_000,
}, async t => {
  const first = await startWorld(t, {addresses: ['10.0.0.11']});
  const machines: Machines = [
    first,
    await startWorld(t, {addresses: ['10.0.0.12'], beside: first}),
    await startWorld(t, {addresses: ['10.0.0.13'], beside: first}),
  ];
  for (const machine of machines) {
    const own = ['/var/lib/glusterd', '/var/log/glusterfs', '/srv/files'];
    await type(machine, `mkdir -p ${own.join(' ')}`);
    await type(
      machine,
      own
        .slice(0, 2)
        .map(folder => `mount -t tmpfs none ${folder}`)
        .join(' && '),
    );
    await type(machine, 'glusterd && until gluster volume list; do sleep 0.1; done');
  }

  for (const [line, check] of Object.entries(onGluster)) {
    await check(machines, line);
  }
});

function noGluster(): string | false {
  const canMount = spawnSync('bash', ['-c', 'exec 3<>/dev/fuse']).status === 0;
  return (
    noWorld() || notInstalled(glusterPrograms) || (!canMount && 'this user may not mount with FUSE')
  );
}

async function prepare(t: TestContext): Promise<World> {
  const world = await startWorld(t, {addresses: ['10.0.0.11']});
  for (const folder of ['files', 'shared/files']) {
    cpSync(join(checkout, 'files'), join(world.own.srv, folder), {recursive: true});
  }

  return world;
}
