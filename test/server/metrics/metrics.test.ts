/** The counters of a server, and their text for Prometheus. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {request} from 'node:http';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {type TestContext, test} from 'node:test';
import {type Counts, countAnswer, noCounts} from '../../../server/metrics/counts.ts';
import {exposition} from '../../../server/metrics/exposition.ts';
import {MetricsPort} from '../../../server/metrics/metrics-port.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';

const timeout = 60_000;
const mebibyte = 1_048_576;

/** The values of all lines, by name and labels. */
function samplesOf(counts: Counts): Map<string, number> {
  const lines = exposition(counts)
    .trim()
    .split('\n')
    .filter(line => !line.startsWith('#'));
  return new Map(
    lines.map(line => {
      const [, name = '', value] = /^(.*) ([^ ]+)$/.exec(line) ?? assert.fail(line);
      return [name, Number(value)];
    }),
  );
}

test('connections, requests, bytes, digests and refusals are counted', {timeout}, async () => {
  const counts = noCounts();
  // Only this store lets the server remember digests of a file that has just changed.
  const root = new MemoryStore();
  root.write('old', patternedBytes(2 * mebibyte));
  await using folder = await ServedFolder.start({}, {counts, root, deadlines: {lingerMs: 50}});
  const peer = await folder.peer();
  await peer.ask(kinds.stat, {path: 'old'});
  await peer.ask(kinds.stat, {path: 'missing'});
  for (const _ of ['computed', 'known']) {
    await peer.ask(kinds.get, {path: 'old'});
  }

  const working = samplesOf(counts);
  const is = (name: string, value: number) => assert.equal(working.get(name), value, name);
  is('jangada_open_connections', 1);
  is('jangada_connections_total', 1);
  is('jangada_requests_total{request="stat",outcome="ok"}', 1);
  is('jangada_requests_total{request="stat",outcome="not_found"}', 1);
  is('jangada_requests_total{request="get",outcome="ok"}', 2);
  is('jangada_request_duration_seconds_count{request="stat"}', 2);
  is('jangada_request_duration_seconds_bucket{request="get",le="+Inf"}', 2);
  is('jangada_block_digests_total{source="computed"}', 2);
  is('jangada_block_digests_total{source="known"}', 2);
  // All requests after the preface, and all bytes of the server except its greeting.
  assert.ok((working.get('jangada_received_bytes_total') ?? 0) > 4 * 8);
  const sent = working.get('jangada_sent_bytes_total') ?? 0;
  assert.ok(sent > 4 * mebibyte && sent <= peer.received, `${sent} of ${peer.received} bytes`);

  const check = await folder.silentPeer();
  check.send('jangada/?\r\n');
  await check.end();
  peer.socket.destroy();
  await until(() => counts.openConnections === 0, 'it has left');
  assert.equal(samplesOf(counts).get('jangada_readiness_answers_total{state="ready"}'), 1);
  assert.equal(counts.connections, 1);
});

test('refused clients, and clients that leave before their answer, are counted', {
  timeout,
}, async () => {
  const counts = noCounts();
  const options = {counts, maxConnections: 1, deadlines: {lingerMs: 50}};
  await using folder = await ServedFolder.start({old: patternedBytes(64 * mebibyte)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(1);
  assert.equal(await (await folder.knockingPeer()).errorCode(), 'busy');
  assert.equal(counts.refusedConnections, 1);
  await until(() => folder.logs.some(line => line.includes('refused connections')), 'it is told');
  assert.deepEqual([counts.connections, counts.openConnections], [1, 1]);
  working.socket.destroy();
  await until(() => counts.requests.get.outcomes.aborted === 1, 'its answer was given up');
});

test('a connection that makes way has no place any more, and is counted as ended once', {
  timeout,
}, async t => {
  const counts = noCounts();
  const options = {counts, maxConnections: 1, deadlines: {giveWayMs: 0, lingerMs: 3_600_000}};
  await using folder = await ServedFolder.start({}, options);
  // It does not close its side when the server has closed the other one.
  const first = connect({...folder.server, allowHalfOpen: true});
  t.after(() => first.destroy());
  first.write('jangada/1\r\n');
  await once(first, 'data');
  const second = await folder.peer();
  assert.deepEqual([counts.connections, counts.openConnections], [2, 1]);
  await once(first.resume(), 'end');
  assert.equal(folder.ended, 0);
  first.destroy();
  await until(() => folder.ended === 1, 'the first has ended');
  assert.equal(counts.openConnections, 1);
  second.socket.destroy();
  await until(() => folder.ended === 2, 'the second has ended');
  assert.deepEqual([counts.connections, counts.openConnections], [2, 0]);
});

test('the metrics show running and waiting hashes', {timeout}, async () => {
  const counts = noCounts();
  await using folder = await ServedFolder.start({old: patternedBytes(64 * mebibyte)}, {counts});
  const peers = await Promise.all([1, 2, 3].map(() => folder.peer()));
  let [running, waiting] = [0, 0];
  const look = setInterval(() => {
    running = Math.max(running, counts.jobs.hash.running);
    waiting = Math.max(waiting, counts.jobs.hash.waiting);
  }, 1);
  await Promise.all(peers.map(peer => peer.ask(kinds.hash, {path: 'old'})));
  clearInterval(look);
  // One address may have two hashes computed at once.
  assert.deepEqual([running, waiting], [2, 1]);
  assert.deepEqual(counts.jobs.hash, {running: 0, waiting: 0});
});

test('a time counts in every bucket whose limit it does not exceed', () => {
  const counts = noCounts();
  for (const ms of [0.5, 5, 5, 2_000, 3_600_000]) {
    countAnswer(counts, 'hash', 'ok', ms);
  }

  const samples = samplesOf(counts);
  const told = ['0.001', '0.01', '0.1', '1', '10', '60', '+Inf'].map(le =>
    samples.get(`jangada_request_duration_seconds_bucket{request="hash",le="${le}"}`),
  );
  assert.deepEqual(told, [1, 3, 3, 3, 4, 4, 5]);
  assert.equal(samples.get('jangada_request_duration_seconds_count{request="hash"}'), 5);
  assert.equal(samples.get('jangada_request_duration_seconds_sum{request="hash"}'), 3602.0105);
});

test('promtool accepts the text', {
  skip: spawnSync('promtool', ['--version']).error === undefined ? false : 'there is no promtool',
}, () => {
  const counts = noCounts();
  countAnswer(counts, 'classic', 'timed_out', 3);
  const {status, stdout, stderr} = spawnSync('promtool', ['check', 'metrics'], {
    input: exposition(counts),
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('clients cannot add lines to the text', () => {
  const counts = noCounts();
  const before = exposition(counts).split('\n').length;
  for (let kind = 0; kind < 100; kind++) {
    countAnswer(counts, 'unknown', 'bad_request', 1);
  }

  assert.equal(exposition(counts).split('\n').length, before + 1);
});

async function start(t: TestContext, patienceMs = 5000): Promise<URL> {
  const port = await MetricsPort.open(
    {host: '127.0.0.1', port: 0},
    () => exposition(noCounts()),
    patienceMs,
  );
  t.after(() => port.close());
  return new URL(port.url);
}

type Answer = {status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string};

function ask(url: URL, options: {method?: string; path?: string; headers?: object} = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const asked = request(
      url,
      {agent: false, ...options, headers: {...options.headers}},
      answer => {
        text(answer).then(
          body => resolve({status: answer.statusCode, headers: answer.headers, body}),
          reject,
        );
      },
    );
    asked.on('error', reject).end();
  });
}

test('the server answers GET /metrics, and HEAD without the text, and nothing else', {
  timeout,
}, async t => {
  const url = await start(t);
  const got = await ask(url);
  assert.equal(got.status, 200);
  assert.equal(got.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(got.body, /^# HELP jangada_/);
  const head = await ask(url, {method: 'HEAD'});
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.ok(Number(head.headers['content-length']) > 1000);
  for (const path of ['/', '/metrics/', '/metrics/x', '/favicon.ico', '//metrics']) {
    assert.equal((await ask(url, {path})).status, 404, path);
  }

  const post = await ask(url, {method: 'POST'});
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
  assert.equal((await ask(url, {path: '/metrics?x=1'})).status, 200);
});

test('a request that is huge, or is not HTTP, is refused', {timeout}, async t => {
  const url = await start(t);
  assert.equal((await ask(url, {headers: {x: 'x'.repeat(8192)}})).status, 431);
  const socket = connect(Number(url.port), url.hostname);
  socket.end('jangada/1\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 400 /);
});

test('an incomplete request is cut off after a while, and so is a silent connection', {
  timeout,
}, async t => {
  const url = await start(t, 100);
  for (const words of ['', 'GET /metrics HTTP/1.1\r\nHost: x\r\n', 'GET /metrics HTTP/1.1\r\n']) {
    const socket = connect(Number(url.port), url.hostname);
    socket.write(words);
    assert.doesNotMatch(await text(socket), /200 OK/);
  }
});

test('the ninth connection at once is closed', {timeout}, async t => {
  const url = await start(t, 60_000);
  const address = {host: url.hostname, port: Number(url.port)};
  const peers: RawPeer[] = [];
  for (let count = 0; count < 9; count++) {
    peers.push(await RawPeer.silent(address));
  }

  t.after(() => {
    for (const peer of peers) {
      peer.socket.destroy();
    }
  });
  await until(() => peers.some(({closed}) => closed), 'one of them is closed');
  assert.equal(peers.filter(({closed}) => closed).length, 1);
});
