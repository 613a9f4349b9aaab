import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {RootFrame} from '../../../protocol/batches/root-list.ts';
import {digestOf, rootDigest} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import {encodeAnswer, type RootQuestion} from '../../../protocol/messages.ts';
import {askRoots} from '../../../source/client/ask-roots.ts';
import {Client} from '../../../source/client/client.ts';
import {path, startHarness} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

const record = {
  ...({kind: 'file', size: 1, mtimeMs: 0, version: 'v'} as const),
  root: Buffer.alloc(32),
};

test('states, root digests and errors come in the order of the files, whatever the number of requests', async t => {
  const {serve, client} = await startHarness(t);
  const names = Array.from({length: 2300}, (_, index) => `f${index}`);
  for (const name of names) {
    if (!name.endsWith('7')) {
      serve(name, name);
    }
  }

  const files = names.map(name => [path(name), name.length] as const);
  const found = await client.withConnection(connection => askRoots(connection, files, 'sha256'));
  assert.deepEqual(
    found.map(one => (isJangadaError(one) ? one.code : one.root?.toString('hex'))),
    names.map(name =>
      name.endsWith('7')
        ? 'not_found'
        : rootDigest('sha256', digestOf('sha256', Buffer.from(name))).toString('hex'),
    ),
  );
});

test('a request has at most a thousand files, and at most the bytes that a server accepts', async t => {
  const asked: number[] = [];
  const lengths: number[] = [];
  const address = await startHostileServer(
    t,
    (socket, {body}) => {
      const files = body.files as RootQuestion[]; // The body that the client has sent.
      asked.push(files.length);
      lengths.push(JSON.stringify(body).length);
      const frame = new RootFrame();
      files.forEach(() => {
        frame.add(record);
      });
      socket.write(frame.take() ?? assert.fail());
      socket.write(encodeAnswer('end', {count: files.length}));
    },
    ['roots'],
  );
  await using client = new Client(address);
  const ask = (files: RootQuestion[]) =>
    client.withConnection(connection => askRoots(connection, files, 'sha256'));
  await ask(Array.from({length: 2001}, () => ['a'] as const));
  assert.deepEqual(asked.splice(0), [1000, 1000, 1]);
  const long = '\u0001'.repeat(250);
  const deep = path(Array.from({length: 16}, () => long).join('/'));
  await ask(Array.from({length: 100}, () => [deep, 1] as const));
  assert.ok(Math.max(...lengths) < 262_144, `${Math.max(...lengths)} bytes`);
});

for (const [lie, count] of [
  ['fewer', 1],
  ['more', 3],
] as const) {
  test(`an answer about ${lie} files than requested breaks the protocol`, async t => {
    const address = await startHostileServer(
      t,
      socket => {
        const frame = new RootFrame();
        for (let at = 0; at < count; at++) {
          frame.add(record);
        }

        socket.write(frame.take() ?? assert.fail());
        socket.write(encodeAnswer('end', {count}));
      },
      ['roots'],
    );
    await using client = new Client(address);
    const asked = client.withConnection(connection =>
      askRoots(connection, [['a'], ['b']], 'sha256'),
    );
    await assert.rejects(asked, {code: 'protocol'});
  });
}

test('each file is told with its index as its answer arrives, and what an error says is safe to show', async t => {
  const error = {kind: 'error', code: 'forbidden', message: 'a\u001bb'} as const;
  let requests = 0;
  const address = await startHostileServer(
    t,
    (socket, {body}) => {
      requests++;
      const files = body.files as RootQuestion[]; // As the client has sent them.
      const frame = new RootFrame();
      for (const [index] of files.entries()) {
        frame.add(index === 0 ? error : record);
      }

      const frames = [encodeAnswer('progress', {done: requests}), frame.take() ?? assert.fail()];
      socket.write(Buffer.concat([...frames, encodeAnswer('end', {count: files.length})]));
    },
    ['roots'],
  );
  await using client = new Client(address);
  const told: string[] = [];
  const progress: number[] = [];
  const files = Array.from({length: 1002}, () => ['a', 1] as const);
  await client.withConnection(connection =>
    askRoots(connection, files, 'sha256', {
      onProgress: ({done}) => progress.push(done),
      onFound: (index, found) =>
        told.push(isJangadaError(found) ? `${index} ${found.code} ${found.message}` : `${index}`),
    }),
  );
  assert.deepEqual(told, [
    '0 forbidden a\\x1bb',
    ...Array.from({length: 999}, (_, index) => `${index + 1}`),
    '1000 forbidden a\\x1bb',
    '1001',
  ]);
  assert.deepEqual(progress, [1, 2]);
});
