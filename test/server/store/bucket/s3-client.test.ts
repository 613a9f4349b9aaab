/** How the client handles answers that are late, cut, wrong or missing. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import type {ServerResponse} from 'node:http';
import {type TestContext, test} from 'node:test';
import {inspect} from 'node:util';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {S3Client} from '../../../../server/store/bucket/s3/s3-client.ts';
import {patternedBytes} from '../../../fixtures/server/server-folder.ts';
import {
  type Answering,
  secret,
  sendError,
  sendRange,
  shortPatience,
  startFalseS3,
} from './false-s3.ts';

const content = patternedBytes(300_000);

async function clientOf(t: TestContext, answer: Answering, patience = shortPatience) {
  const {place, seen} = await startFalseS3(t, answer);
  const client = new S3Client(place, patience);
  t.after(() => client.close());
  return {client, seen};
}

function readRange(client: S3Client, signal?: AbortSignal) {
  const into = Buffer.alloc(200_000);
  return client.range('a b', {etag: '"one"', offset: 50_000, into}, signal).then(() => into);
}

test('each range is requested once, even if the answer repeats headers', async t => {
  const {client, seen} = await clientOf(t, (request, response) =>
    sendRange(request, response, content),
  );
  for (let time = 0; time < 3; time++) {
    assert.ok((await readRange(client)).equals(content.subarray(50_000, 250_000)));
  }

  assert.equal(seen.length, 3);
});

test('if lanes cannot use the answers of a service, each further range is still requested only once', async t => {
  const {client, seen} = await clientOf(t, (_, response) => {
    response.writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 50000-249999/300000'});
    response.write(content.subarray(50_000, 70_000));
    response.end(content.subarray(70_000, 250_000));
  });
  for (let time = 0; time < 3; time++) {
    await readRange(client);
  }

  assert.equal(seen.length, 4);
});

test('a lane refuses an answer that repeats a header about its length or its content', async t => {
  for (const name of ['Content-Range', 'ETag']) {
    const {client, seen} = await clientOf(t, (request, response, count) =>
      count > 0
        ? sendRange(request, response, content)
        : response
            .writeHead(206, [
              ...['ETag', '"one"', 'Content-Length', '200000'],
              ...['Content-Range', 'bytes 50000-249999/300000'],
              ...[name, name === 'ETag' ? '"one"' : 'bytes 50000-249999/300000'],
            ])
            .end(content.subarray(0, 200_000)),
    );
    assert.ok((await readRange(client)).equals(content.subarray(50_000, 250_000)), name);
    assert.equal(seen.length, 2, name);
  }
});

test('a request to a bucket that is busy, or fails, is sent again until it succeeds', async t => {
  for (const status of [500, 503, 429]) {
    const {client, seen} = await clientOf(t, (request, response, count) =>
      count < 3 ? sendError(response, status, 'SlowDown') : sendRange(request, response, content),
    );
    assert.ok((await readRange(client)).equals(content.subarray(50_000, 250_000)));
    assert.equal(seen.length, 4);
  }
});

test('each busy answer of a bucket is followed by a pause', async t => {
  for (const status of [500, 503, 429]) {
    const onlyOne = {...shortPatience, retryMs: 0};
    const {client, seen} = await clientOf(t, (_, r) => sendError(r, status, 'SlowDown'), onlyOne);
    await assert.rejects(readRange(client), {code: 'busy'});
    assert.equal(seen.length, 1, `${status}`);
  }
});

test('a bucket that stays busy ends in the error busy, after which clients try again later', async t => {
  const {client, seen} = await clientOf(t, (_, response) => sendError(response, 503, 'SlowDown'));
  await assert.rejects(client.head('x'), {code: 'busy'});
  assert.ok(seen.length > 2);
});

test('a refused request fails with the code of its status, and is not sent again', async t => {
  const cases: [status: number, code: string][] = [
    [403, 'forbidden'],
    [404, 'not_found'],
    [412, 'changed'],
    [416, 'changed'],
    [400, 'internal'],
  ];
  for (const [status, code] of cases) {
    const {client, seen} = await clientOf(t, (_, response) => sendError(response, status, 'Some'));
    await assert.rejects(readRange(client), {code}, `${status}`);
    // One request by the fast way, and one to get the reason.
    assert.equal(seen.length, 2);
    await assert.rejects(client.head('x'), {code});
    assert.equal(seen.length, 3);
  }
});

const smallRequests = {
  keys: (client: S3Client) => client.keys({prefix: '', folders: true}),
  whole: (client: S3Client) => client.whole('a', Buffer.alloc(3)),
};

/** Bodies of refusals that nobody can read, for example the page of a balancer. */
const unreadable: Record<string, (response: ServerResponse) => void> = {
  long: response => response.end('x'.repeat(100_000)),
  cut: response => response.write('<Error>', () => response.destroy()),
};

test('a busy bucket with a long page, or a cut one, is asked again until it succeeds', async t => {
  for (const [kind, send] of Object.entries(unreadable)) {
    for (const [name, ask] of Object.entries(smallRequests)) {
      const {client, seen} = await clientOf(t, ({url}, response, count) => {
        if (count < 2) {
          send(response.writeHead(503, {'Content-Type': 'text/html'}));
        } else if (url?.includes('list-type')) {
          response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
        } else {
          const facts = {ETag: '"one"', 'Last-Modified': new Date(0).toUTCString()};
          response.writeHead(200, {...facts, 'Content-Length': 3}).end('abc');
        }
      });
      await ask(client);
      assert.equal(seen.length, 3, `${name}, ${kind}`);
    }
  }
});

test('a refusal with a long page, or a cut one, fails with the code of its status', async t => {
  for (const [kind, send] of Object.entries(unreadable)) {
    for (const [name, ask] of Object.entries(smallRequests)) {
      for (const [status, code] of [
        [403, 'forbidden'],
        [404, 'not_found'],
      ] as const) {
        const {client, seen} = await clientOf(t, (_, response) => send(response.writeHead(status)));
        await assert.rejects(ask(client), {code}, `${name}, ${kind}`);
        assert.equal(seen.length, 1);
      }
    }
  }
});

test('a refusal whose page never ends is silence of the service', async t => {
  const patience = {silenceMs: 100, retryMs: 0, pauseMs: 5};
  const {client} = await clientOf(t, (_, r) => r.writeHead(403).flushHeaders(), patience);
  await assert.rejects(smallRequests.keys(client), {code: 'timed_out'});
});

test('if a connection is lost after the last byte, nothing more is requested', async t => {
  const {client, seen} = await clientOf(t, (_, response) => {
    response.writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 50000-249999/300000'});
    response.write(content.subarray(50_000, 250_000), () => response.destroy());
  });
  assert.ok((await readRange(client)).equals(content.subarray(50_000, 250_000)));
  // Lanes take no answer in chunks, so the first request was sent twice.
  assert.deepEqual(seen, Array(2).fill('GET /bkt/a%20b bytes=50000-249999'));
});

test('an answer that is cut is continued where it was cut', async t => {
  const {client, seen} = await clientOf(t, (request, response, count) =>
    sendRange(request, response, content, count < 2 ? {bytes: 65_536} : {}),
  );
  const told: number[] = [];
  const into = Buffer.alloc(200_000);
  const progress = (bytes: number) => told.push(bytes);
  await client.range('a', {etag: '"one"', offset: 50_000, into, progress});
  assert.ok(into.equals(content.subarray(50_000, 250_000)));
  const starts = seen.map(line => Number(/bytes=(\d+)/.exec(line)?.[1]));
  assert.equal(starts.length, 3);
  assert.equal(starts[0], 50_000);
  assert.ok(starts.every((start, index) => index === 0 || start > (starts[index - 1] ?? 0)));
  assert.deepEqual(
    told,
    told.toSorted((one, other) => one - other),
  );
  assert.equal(told.at(-1), 200_000);
});

test('bytes of another object or of another range are never used', async t => {
  const wrong: [string, Answering, string][] = [
    ['another etag', (q, r) => sendRange(q, r, content, {etag: '"two"'}), 'changed'],
    ['all of it', (_, r) => r.writeHead(200, {ETag: '"one"'}).end(content), 'internal'],
    [
      'another range',
      (_, r) =>
        r
          .writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 0-199999/300000'})
          .end(content.subarray(0, 200_000)),
      'internal',
    ],
    [
      'more bytes',
      (_, r) =>
        r
          .writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 50000-249999/300000'})
          .end(content.subarray(50_000, 260_000)),
      'internal',
    ],
    [
      'fewer bytes',
      (_, r) =>
        r
          .writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 50000-249999/300000'})
          .end(content.subarray(50_000, 60_000)),
      // The client requests the rest, and gets other bytes.
      'internal',
    ],
  ];
  for (const [name, answer, code] of wrong) {
    const {client} = await clientOf(t, answer, {...shortPatience, retryMs: 100});
    await assert.rejects(readRange(client), {code}, name);
  }
});

test('a body in chunks is accepted, too', async t => {
  const {client} = await clientOf(t, (_, response) => {
    response.writeHead(206, {ETag: '"one"', 'Content-Range': 'bytes 50000-249999/300000'});
    response.write(content.subarray(50_000, 70_000));
    response.end(content.subarray(70_000, 250_000));
  });
  assert.ok((await readRange(client)).equals(content.subarray(50_000, 250_000)));
});

test('the client gives up a service that falls silent', async t => {
  const patience = {silenceMs: 100, retryMs: 150, pauseMs: 5};
  const silent = await clientOf(t, () => {}, patience);
  await assert.rejects(silent.client.head('x'), {code: 'timed_out'});
  await assert.rejects(readRange(silent.client), {code: 'timed_out'});
  const stalled = await clientOf(
    t,
    (_, response) => {
      response.writeHead(206, {
        ETag: '"one"',
        'Content-Length': 200_000,
        'Content-Range': 'bytes 50000-249999/300000',
      });
      response.flushHeaders();
    },
    patience,
  );
  await assert.rejects(readRange(stalled.client), {code: 'timed_out'});
});

test('a redirect is not followed, because no other service may get the access keys', async t => {
  const {client, seen} = await clientOf(t, (_, response) =>
    response
      .writeHead(301, {Location: 'http://127.0.0.2:9/x', 'x-amz-bucket-region': 'eu-west-3'})
      .end(),
  );
  await assert.rejects(client.head('x'), {code: 'internal', message: /AWS_REGION=eu-west-3/});
  assert.equal(seen.length, 1);
});

test('the error advises no other region if the bucket is in the configured one', async t => {
  const {client} = await clientOf(t, (_, response) =>
    response.writeHead(400, {'x-amz-bucket-region': 'us-east-1'}).end(),
  );
  await assert.rejects(client.head('x'), {code: 'internal', message: /^(?!.*AWS_REGION)/});
});

test('a listing that is no listing, or never ends, is refused', async t => {
  const endless: Answering = (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (response.write(' '.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  };
  const wrong: [string, Answering][] = [
    ['no XML', (_, response) => response.end('hello')],
    ['other XML', (_, response) => response.end('<a><IsTruncated>false</IsTruncated></a>')],
    ['half of it', (_, response) => response.end('<ListBucketResult><Contents>')],
    ['empty', (_, response) => response.end('')],
    ['endless', endless],
  ];
  for (const [name, answer] of wrong) {
    const {client, seen} = await clientOf(t, answer);
    await assert.rejects(client.keys({prefix: '', folders: true}), {code: 'internal'}, name);
    assert.equal(seen.length, 1, name);
  }
});

test('an object of another size than the requested one is not read', async t => {
  const {client} = await clientOf(t, (_, response) =>
    response
      .writeHead(200, {
        ETag: '"one"',
        'Content-Length': content.length,
        'Last-Modified': new Date(0).toUTCString(),
      })
      .end(content),
  );
  const into = Buffer.alloc(10, 0xee);
  const facts = await client.whole('a', into);
  assert.deepEqual(facts, {size: content.length, mtimeMs: 0, etag: '"one"'});
  assert.ok(into.equals(Buffer.alloc(10, 0xee)));
});

test('a request ends when its caller no longer waits', async t => {
  for (const ask of [
    (client: S3Client, signal: AbortSignal) => client.head('x', signal),
    (client: S3Client, signal: AbortSignal) => readRange(client, signal),
  ]) {
    const stop = new AbortController();
    const {client} = await clientOf(t, () => stop.abort(), shortPatience);
    await assert.rejects(ask(client, stop.signal), {code: 'aborted'});
    await assert.rejects(ask(client, AbortSignal.abort()), {code: 'aborted'});
  }
});

test('no error contains access keys or signatures', async t => {
  const answers: Answering[] = [
    (_, response) => sendError(response, 403, 'SignatureDoesNotMatch'),
    (request, response) => sendError(response, 403, String(request.headers.authorization)),
    (_, response) => response.destroy(),
    (_, response) => response.end('x'),
  ];
  for (const answer of answers) {
    const {client} = await clientOf(t, answer, {...shortPatience, retryMs: 50});
    const calls = [
      () => client.head('x'),
      () => client.keys({prefix: '', folders: true}),
      () => readRange(client),
    ];
    for (const call of calls) {
      const error = await call().then(
        () => assert.fail('it must fail'),
        (error: unknown) => error,
      );
      assert.ok(isJangadaError(error));
      const text = inspect(error, {depth: 10, showHidden: true});
      assert.ok(
        !text.includes(secret) && !text.includes('AKIDTEST') && !/signature=/i.test(text),
        text,
      );
    }
  }
});
