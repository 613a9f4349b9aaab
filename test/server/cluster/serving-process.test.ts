/** A serving process, and what the keeper counts of it. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import process from 'node:process';
import {test} from 'node:test';
import {pino} from 'pino';
import {type RemoteNewcomer, ServingProcess} from '../../../server/cluster/serving-process.ts';
import {Places} from '../../../server/connection/places.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {ownLongWork} from '../../../server/waiting/long-work.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {until} from '../../fixtures/server/server-folder.ts';

test('a connection that cannot be handed over is closed, and not counted', {
  timeout: 120_000,
}, async t => {
  const pipes = () => process.getActiveResourcesInfo().filter(name => name === 'PipeWrap').length;
  const before = pipes();
  const places = new Places<RemoteNewcomer>(
    {giveWayMs: 0, longestIdle: () => undefined},
    pino({level: 'silent'}),
  );
  const serving = new ServingProcess(
    {
      ...{process: 1, processes: 1, most: 64, mostPerAddress: 32},
      ...{root: temporaryFolder(t), door: {}, digests: {kind: 'memory'}},
      ...{isLocal: true, logLevel: 'silent'},
    },
    {places, limiter: undefined, longWork: ownLongWork(), counts: noCounts(), tellOthers() {}},
  );
  await serving.serving;
  process.kill(serving.pid ?? assert.fail(), 'SIGKILL');
  await serving.ended;
  await until(() => pipes() === before, 'it can be told nothing any more');
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const client = connect(address.port, '127.0.0.1').on('error', () => {});
  const [socket]: Socket[] = await once(server, 'connection');
  assert.ok(socket);
  serving.serve(socket);
  assert.equal(serving.connections, 1);
  await once(client.resume(), 'close');
  assert.equal(serving.connections, 0);
});
