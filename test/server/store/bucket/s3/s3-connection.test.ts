import assert from 'node:assert/strict';
import type {Buffer} from 'node:buffer';
import {once} from 'node:events';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {type TestContext, test} from 'node:test';
import {readAll} from '../../../../../server/store/bucket/s3/read-body.ts';
import {S3Connection} from '../../../../../server/store/bucket/s3/s3-connection.ts';
import {until} from '../../../../fixtures/server/server-folder.ts';
import {type Answering, sendError, startFalseS3} from '../false-s3.ts';

const get = {method: 'GET', path: '/bkt/a'} as const;

async function connectionTo(t: TestContext, answer: Answering) {
  const sockets = new Set<unknown>();
  const {place, seen} = await startFalseS3(t, (request, response, count) => {
    sockets.add(request.socket);
    answer(request, response, count);
  });
  const connection = new S3Connection(place);
  t.after(() => connection.close());
  return {connection, seen, sockets};
}

const text = async (response: IncomingMessage, alive: () => void) =>
  (await readAll(response, 100, alive)).toString();

test('each part of an answer begins the time of silence anew, and after it the request is given up', async t => {
  const set = globalThis.setTimeout;
  const silence = {ms: 0, refreshed: 0, cleared: 0, pass: () => {}};
  const timer = {
    refresh() {
      silence.refreshed++;
    },
  };
  t.mock.method(globalThis, 'setTimeout', (pass: () => void, ms: number) => {
    if (ms !== 12_345) {
      return set(pass, ms);
    }

    silence.pass = pass;
    silence.ms = ms;
    return timer;
  });
  const clear = globalThis.clearTimeout;
  t.mock.method(globalThis, 'clearTimeout', (one: NodeJS.Timeout | typeof timer | undefined) => {
    if (one === timer) {
      silence.cleared++;
    } else {
      clear(one as NodeJS.Timeout);
    }
  });
  let sending: ServerResponse | undefined;
  const {connection} = await connectionTo(t, (_, response) => {
    sending = response;
    response.write('a');
  });
  let received = '';
  const asked = connection.exchange(get, 12_345, async (response, alive) => {
    response.on('data', (part: Buffer) => {
      received += part;
    });
    return await text(response, alive);
  });
  await until(() => received === 'a', 'the first part has come');
  assert.equal(silence.refreshed, 2, 'for the head, and for the part');
  sending?.write('b');
  await until(() => received === 'ab', 'another part has come');
  assert.equal(silence.refreshed, 3);
  sending?.end();
  assert.equal(await asked, 'ab');
  assert.equal(silence.cleared, 1);
  const before = sending;
  const silent = connection.exchange(get, 12_345, text);
  const failed = assert.rejects(silent, {code: 'timed_out'});
  await until(() => sending !== before, 'it is asked again');
  const closed = once(sending ?? assert.fail(), 'close');
  silence.pass();
  await failed;
  await closed;
  assert.equal(silence.cleared, 2);
});

test('a connection is used again after an answer, and after a refusal, but not after one that was left', async t => {
  const {connection, sockets} = await connectionTo(t, (_, response, count) =>
    count === 1 ? sendError(response, 404, 'NoSuchKey') : response.end('four'),
  );
  assert.equal(await connection.exchange(get, 60_000, text), 'four');
  await assert.rejects(connection.exchange(get, 60_000, text), {code: 'not_found'});
  assert.equal(await connection.exchange(get, 60_000, text), 'four');
  assert.equal(sockets.size, 1);
  const left = connection.exchange(get, 60_000, async () => {
    throw new RangeError('of the reader');
  });
  await assert.rejects(left, {code: 'busy'});
  assert.equal(await connection.exchange(get, 60_000, text), 'four');
});

test('an answer is read up to its limit, and one byte more is refused', async t => {
  const {connection} = await connectionTo(t, (_, response, count) =>
    response.end('x'.repeat(count === 0 ? 100 : 101)),
  );
  assert.equal((await connection.exchange(get, 60_000, text)).length, 100);
  await assert.rejects(connection.exchange(get, 60_000, text), {code: 'internal'});
});

test('small objects take no more than their share of connections, so that others have some', async t => {
  const held: ServerResponse[] = [];
  const {connection} = await connectionTo(t, (request, response) =>
    request.url === '/bkt/a' ? held.push(response) : response.end('other'),
  );
  const small = Array.from({length: 70}, () =>
    connection.exchange({...get, isSmall: true}, 60_000, text),
  );
  await until(() => held.length >= 64, 'as many as may are asked for');
  const other = await connection.exchange({method: 'GET', path: '/bkt/b'}, 60_000, text);
  assert.equal(other, 'other');
  assert.equal(held.length, 64);
  let ended = 0;
  while (ended < 70) {
    await until(() => held.length > ended, 'the next is asked for');
    held[ended++]?.end('x');
  }

  assert.deepEqual(new Set(await Promise.all(small)), new Set(['x']));
});

test('the region of a header is told, unless it is no name of one', async t => {
  const {connection} = await connectionTo(t, (_, response, count) =>
    response
      .writeHead(400, {'x-amz-bucket-region': count === 0 ? 'eu-west-3' : 'Eu\tWest'})
      .end('<Error><Code>X</Code><Region>ap-east-1</Region></Error>'),
  );
  await assert.rejects(connection.exchange(get, 60_000, text), {message: /=eu-west-3$/});
  await assert.rejects(connection.exchange(get, 60_000, text), {message: /=ap-east-1$/});
});
