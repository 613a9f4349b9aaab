import assert from 'node:assert/strict';
import {test} from 'node:test';
import {startServer} from '../../server/server.ts';
import {noise} from '../fixtures/harness.ts';
import {MiB, startJourney} from './journey.ts';

test('the screen opens several servers, says how many answer, and continues a download when the main one ends', async t => {
  const content = noise(12 * MiB);
  const limit = 2 * MiB;
  const {jangada, root, saved, server} = await startJourney(t, {
    files: {'boat.bin': content},
    server: {limit},
  });
  const other = await startServer({root, port: 0, limit});
  t.after(() => other.close({graceMs: 0}));
  const screen = jangada([server.address, other.address]);
  const text = await screen.waitFor(/boat\.bin/);
  const [header = ''] = text.split('\n');
  assert.match(header, new RegExp(`127\\.0\\.0\\.1:${server.port} \\(2 of 2 servers\\)`));
  screen.type('d');
  await screen.waitFor(/[1-9]\d? %/);
  await server.close({graceMs: 0});
  const there = `127\\.0\\.0\\.1:${other.port}`;
  await screen.waitFor(new RegExp(`:${server.port} does not answer .*going on with ${there}`));
  await screen.waitFor(new RegExp(`127\\.0\\.0\\.1:${server.port} \\(1 of 2 servers\\)`));
  await screen.waitFor(/✓ boat\.bin +verified/);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  assert.ok(saved('boat.bin')?.equals(content));
});
