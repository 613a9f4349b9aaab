import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pino} from 'pino';
import {JangadaError} from '../../../protocol/errors.ts';
import {ConnectionLog} from '../../../server/connection/connection-log.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {ClientLog} from '../../../server/output/client-log.ts';

type Line = {level: number; msg: string} & Record<string, unknown>;

function startLog() {
  const lines: Line[] = [];
  const logger = pino(
    {level: 'debug', base: null, timestamp: false},
    {write: line => lines.push(JSON.parse(line) as Line)},
  );
  const counts = noCounts();
  return {counts, lines, log: new ConnectionLog(ClientLog.of(logger), counts)};
}

test('the end of a connection says what it has asked, what failed, and for how long it was there', t => {
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  const {counts, lines, log} = startLog();
  log.answered('stat', 5);
  log.requestFailed(2, new Error('cause'), new JangadaError('not_found', 'no \u001b'));
  log.answered('stat', 5);
  log.requestAborted();
  log.answered('get', 5);
  log.answered('get', 5);
  nowMs = 3500.4;
  log.ended(77);
  assert.deepEqual(lines, [
    {level: 30, kind: 2, code: 'not_found', msg: 'no \\x1b'},
    {level: 30, requests: 4, errors: 1, bytes: 77, ms: 2500, msg: 'connection ended'},
  ]);
  assert.deepEqual(
    [counts.requests.stat.outcomes, counts.requests.get.outcomes].map(
      ({ok, not_found: missing, aborted}) => [ok, missing, aborted],
    ),
    [
      [1, 1, 0],
      [1, 0, 1],
    ],
  );
});

test('a connection logs ten errors of its client at most, and each error of the server with its cause', () => {
  const {counts, lines, log} = startLog();
  const told = new JangadaError('internal', 'its log says more');
  for (let request = 0; request < 12; request++) {
    log.requestFailed(5, undefined, new JangadaError('bad_request', 'no'));
  }

  log.requestFailed(5, new Error('EIO'), told);
  log.answered('get', 1);
  assert.deepEqual(
    lines.map(({level}) => level),
    [...Array.from({length: 10}, () => 30), 50],
  );
  const last = lines.at(-1);
  assert.deepEqual([last?.kind, last?.msg], [5, 'a request failed']);
  assert.match(String(last?.error), /^Error: EIO/);
  assert.equal(counts.requests.get.outcomes.internal, 1);
});

test('a connection that is ended for its silence is news only if it has asked something', () => {
  const {lines, log} = startLog();
  const silence = new JangadaError('timed_out', 'no request');
  log.ending(silence);
  log.ended(0);
  log.ending(new JangadaError('bad_request', 'no frame'));
  log.answered('ping', 1);
  log.ending(silence);
  assert.deepEqual(
    lines.map(({level, code, msg}) => [level, code, msg]),
    [
      [20, 'timed_out', 'no request'],
      [20, undefined, 'connection ended'],
      [30, 'bad_request', 'no frame'],
      [30, 'timed_out', 'no request'],
    ],
  );
  const failing = startLog();
  failing.log.requestFailed(2, undefined, new JangadaError('not_found', 'no'));
  failing.log.ended(0);
  assert.equal(failing.lines.at(-1)?.level, 30);
});

test('a connection that ends because the server failed is an error in the log, with its cause', () => {
  const {lines, log} = startLog();
  const cause = new Error('EIO: /home/secret');
  log.ending(new JangadaError('internal', 'its log says more', {cause}));
  log.ending(new JangadaError('internal', 'without a cause'));
  assert.deepEqual(
    lines.map(({level, code, msg}) => [level, code, msg]),
    [
      [50, 'internal', 'its log says more'],
      [50, 'internal', 'without a cause'],
    ],
  );
  assert.match(String(lines[0]?.error), /^Error: EIO: \/home\/secret/);
  assert.match(String(lines[1]?.error), /without a cause/);
});

test('wrong tokens, clients that stall and sockets that fail are told and counted', () => {
  const {counts, lines, log} = startLog();
  log.wrongToken({count: 3, delayMs: 1000});
  log.stalled();
  log.socketFailed(Object.assign(new Error('reset'), {code: 'ECONNRESET', syscall: 'read'}));
  log.socketFailed(new RangeError('odd'));
  log.failed(new Error('a bug'));
  const failed = lines.pop();
  assert.deepEqual(lines, [
    {level: 40, count: 3, delayMs: 1000, msg: 'wrong token'},
    {level: 30, msg: 'closed: the client read no bytes for too long'},
    {level: 20, code: 'ECONNRESET', msg: 'socket'},
    {level: 20, code: 'RangeError', msg: 'socket'},
  ]);
  assert.deepEqual([failed?.level, failed?.msg], [50, 'a connection failed']);
  assert.match(String(failed?.error), /^Error: a bug/);
  assert.deepEqual([counts.wrongTokens, counts.stalledClients], [1, 1]);
});
