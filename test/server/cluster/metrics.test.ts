/** The metrics of several processes, added up. */
import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {ServerProcesses} from '../../fixtures/server/server-processes.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

test('metrics count all processes, also those that were killed', {
  timeout: 120_000,
}, async t => {
  const server = await ServerProcesses.start(t, {a: 'x'}, '--metrics', '127.0.0.1:0');
  const url = /"url":"(http:[^"]+)"/.exec(server.stderr)?.[1] ?? assert.fail(server.stderr);
  const become = async (wanted: Record<string, number>) => {
    for (;;) {
      const text = await (await fetch(url)).text();
      const isThere = Object.entries(wanted).every(([name, value]) =>
        text.includes(`\n${name} ${value}\n`),
      );
      if (isThere) {
        return;
      }

      await new Promise(resolve => setTimeout(resolve, 50));
    }
  };
  // Each connection goes to the process with the fewest.
  const peers = [await server.peer(), await server.peer()];
  for (const peer of peers) {
    assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  }

  await become({
    jangada_open_connections: 2,
    jangada_connections_total: 2,
    'jangada_requests_total{request="stat",outcome="ok"}': 2,
    'jangada_request_duration_seconds_count{request="stat"}': 2,
  });
  process.kill(server.pids[0] ?? assert.fail(), 'SIGKILL');
  await become({
    jangada_open_connections: 1,
    jangada_connections_total: 2,
    'jangada_requests_total{request="stat",outcome="ok"}': 2,
  });
});
