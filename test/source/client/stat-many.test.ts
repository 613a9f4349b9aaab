import assert from 'node:assert/strict';
import {test} from 'node:test';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {statMany} from '../../../source/client/stat-many.ts';
import {path, startHarness} from '../../fixtures/harness.ts';
import {type Script, startHostileServer} from '../../fixtures/server/hostile-server.ts';

test('entries and errors come in the order of the paths', async t => {
  const {serve, client} = await startHarness(t);
  const names = Array.from({length: 150}, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) {
    if (index % 3 !== 0) {
      serve(name, 'x'.repeat(index));
    }
  }

  serve('folder/a', '');
  const found = await statMany(client, [...names, 'folder', 'f1/x'].map(path));
  assert.deepEqual(
    found.map(one => ('size' in one ? one.size : one.code)),
    [...names.map((_, index) => (index % 3 === 0 ? 'not_found' : index)), 0, 'not_found'],
  );
  assert.deepEqual(await statMany(client, []), []);
});

test('requests on a lost connection are sent once more', async t => {
  let asked = 0;
  const address = await startHostileServer(t, (socket, {body}) => {
    if (++asked === 2) {
      socket.destroy();
      return;
    }

    const entry = {name: String(body.path), type: 'file' as const, size: 1, mtimeMs: 0};
    socket.write(encodeAnswer('entry', {...entry, version: 'v'}));
  });
  await using client = new Client(address, {retries: 3});
  const found = await statMany(client, ['a', 'b', 'c'].map(path));
  assert.deepEqual(
    found.map(one => 'name' in one && one.name),
    ['a', 'b', 'c'],
  );
});

test('an error that concerns all paths ends the call', async t => {
  const address = await startHostileServer(t, socket => {
    socket.write(encodeAnswer('error', {code: 'unauthorized', message: 'no'}));
  });
  await using client = new Client(address);
  await assert.rejects(statMany(client, [path('a'), path('b')]), {code: 'unauthorized'});
});

test('no more paths are asked about at once than the server allows', async t => {
  const held: Array<() => void> = [];
  let most = 0;
  const script: Script = (socket, {body}) => {
    const entry = {name: String(body.path), type: 'file' as const, size: 1, mtimeMs: 0};
    held.push(() => socket.write(encodeAnswer('entry', {...entry, version: 'v'})));
    most = Math.max(most, held.length);
    setImmediate(() => held.shift()?.());
  };
  const address = await startHostileServer(t, script, [], () => undefined, 3);
  await using client = new Client(address);
  const names = Array.from({length: 20}, (_, index) => `f${index}`);
  const found = await statMany(client, names.map(path));
  assert.deepEqual(
    found.map(one => 'name' in one && one.name),
    names,
  );
  assert.equal(most, 3);
});

test('an error that may not happen again is not the answer for one path', async t => {
  const address = await startHostileServer(t, socket => {
    socket.write(encodeAnswer('error', {code: 'busy', message: 'no'}));
  });
  await using client = new Client(address);
  await assert.rejects(statMany(client, [path('a'), path('b')]), {code: 'busy'});
});
