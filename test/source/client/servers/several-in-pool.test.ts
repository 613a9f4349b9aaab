import assert from 'node:assert/strict';
import {utimesSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Connection} from '../../../../source/client/connection/connection.ts';
import {statMany} from '../../../../source/client/stat-many.ts';
import {path, until} from '../../../fixtures/harness.ts';
import {type SeveralServers, startSeveral} from '../../../fixtures/server/several-servers.ts';

const mainMs = 1_700_000_000_000;

/** Put file `a` on all servers. All but the main server have an older version. */
function serveOld({serve, servers}: SeveralServers): void {
  serve('a', 'x');
  for (const {root} of servers.slice(1)) {
    utimesSync(join(root, 'a'), 1_600_000_000, 1_600_000_000);
  }
}

type Held = {connection: Connection; end(): Promise<void>};

/** Take `count` connections as shares of work, and keep them in use. */
async function hold({client}: SeveralServers, count: number): Promise<Held[]> {
  const held: Held[] = [];
  for (let more = 0; more < count; more++) {
    const gate = Promise.withResolvers<void>();
    const loan = client.withConnection(
      connection => {
        const end = async () => {
          gate.resolve();
          await loan;
        };
        held.push({connection, end});
        return gate.promise;
      },
      {isShare: true},
    );
    await until(() => held.length > more);
  }

  return held;
}

const questions = [
  ['stat', async ({client}) => (await client.stat(path('a'))).mtimeMs],
  [
    'stat of many',
    async ({client}) => {
      const [entry] = await statMany(client, [path('a')]);
      return entry instanceof Error ? undefined : entry?.mtimeMs;
    },
  ],
  ['digests', async ({client}) => (await client.digests(path('a'))).mtimeMs],
] satisfies [string, (several: SeveralServers) => Promise<number | undefined>][];

for (const [what, ask] of questions) {
  test(`${what}: if all places are taken, a free connection to another server is not used`, async t => {
    const several = await startSeveral(t, {count: 3, client: {connections: 1}});
    serveOld(several);
    const held = await hold(several, 3);
    const asked = ask(several);
    const other = held.find(({connection}) => connection.address !== several.client.address);
    await other?.end();
    assert.equal(await asked, mainMs);
    await Promise.all(held.map(({end}) => end()));
  });

  test(`${what}: a main server that has refused one more connection is asked again, and no other server is`, async t => {
    const several = await startSeveral(t);
    serveOld(several);
    const [first] = await hold(several, 1);
    const [main] = several.client.servers.all;
    assert.ok(main !== undefined && first?.connection.address === main.address);
    main.most = 1;
    assert.equal(await ask(several), mainMs);
    await first.end();
  });
}

test('a server that is tried in the background takes no place of a working connection', async t => {
  const several = await startSeveral(t, {count: 2, client: {connections: 1}});
  serveOld(several);
  const [main, other] = several.servers;
  assert.ok(main !== undefined && other !== undefined);
  const answers = Promise.withResolvers<void>();
  main.proxy.stall(answers.promise);
  several.client.servers.failed(
    several.client.servers.at(several.client.address),
    new JangadaError('unreachable', 'x'),
  );
  // The connections to the other server take all places.
  const held = await hold(several, 3);
  await until(() => main.proxy.links.length === 1);
  assert.ok(held.every(({connection}) => connection.address.port === other.proxy.port));
  await held[0]?.end();
  assert.equal(held[0]?.connection.closed, false);
  answers.resolve();
  await until(() => several.client.servers.there.length === 2);
  await held[1]?.end();
  assert.deepEqual(
    held.map(({connection}) => connection.closed),
    [false, false, false],
  );
  await held[2]?.end();
});
