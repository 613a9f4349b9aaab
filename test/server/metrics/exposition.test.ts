import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {countAnswer, noCounts} from '../../../server/metrics/counts.ts';
import {exposition} from '../../../server/metrics/exposition.ts';
import {version} from '../../../server/version.ts';

test('each number has its own line, with its type', () => {
  const counts = {
    ...noCounts(),
    ...{openConnections: 1, connections: 2, refusedConnections: 3, wrongTokens: 4},
    ...{stalledClients: 5, diskStalls: 6, receivedBytes: 7, sentBytes: 8},
    digests: {known: 9, computed: 10},
    readiness: {ready: 11, unreadable: 12, draining: 13},
    jobs: {hash: {waiting: 14, running: 15}, search: {waiting: 16, running: 17}},
  };
  countAnswer(counts, 'classic', 'aborted', 2000);
  countAnswer(counts, 'unknown', 'busy', 2000);
  const text = exposition(counts);
  for (const line of [
    `jangada_build_info{version="${version()}"} 1`,
    '# TYPE jangada_open_connections gauge',
    'jangada_open_connections 1',
    '# TYPE jangada_connections_total counter',
    'jangada_connections_total 2',
    'jangada_refused_connections_total 3',
    'jangada_wrong_tokens_total 4',
    'jangada_stalled_clients_total 5',
    'jangada_disk_stalls_total 6',
    'jangada_received_bytes_total 7',
    'jangada_sent_bytes_total 8',
    'jangada_block_digests_total{source="known"} 9',
    'jangada_block_digests_total{source="computed"} 10',
    'jangada_readiness_answers_total{state="ready"} 11',
    'jangada_readiness_answers_total{state="unreadable"} 12',
    'jangada_readiness_answers_total{state="draining"} 13',
    'jangada_jobs{job="hash",state="waiting"} 14',
    'jangada_jobs{job="hash",state="running"} 15',
    'jangada_jobs{job="search",state="waiting"} 16',
    'jangada_jobs{job="search",state="running"} 17',
    'jangada_requests_total{request="classic",outcome="ok"} 0',
    'jangada_requests_total{request="classic",outcome="aborted"} 1',
    'jangada_requests_total{request="unknown",outcome="busy"} 1',
    '# TYPE jangada_request_duration_seconds histogram',
    'jangada_request_duration_seconds_sum{request="classic"} 2',
    '# TYPE process_cpu_seconds_total counter',
    '# TYPE process_resident_memory_bytes gauge',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }

  assert.doesNotMatch(text, /request="stat",outcome="busy"/);
});

test('the numbers of the process are those of this one, in seconds and bytes', () => {
  const text = exposition(noCounts());
  const told = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const startedAt = Date.now() / 1000 - process.uptime();
  assert.ok(Math.abs(told('process_start_time_seconds') - startedAt) < 60);
  const {system, user} = process.cpuUsage();
  const cpu = told('process_cpu_seconds_total');
  assert.ok(cpu > 0 && cpu <= (system + user) / 1e6);
  const memory = process.memoryUsage.rss();
  const resident = told('process_resident_memory_bytes');
  assert.ok(resident > memory / 2 && resident < memory * 2);
  assert.ok(told('process_open_fds') > 0);
});

test('an answer that takes as long as a bound is within it', () => {
  const counts = noCounts();
  for (const ms of [1, 10, 100, 1000, 10_000, 60_000, 60_001]) {
    countAnswer(counts, 'ping', 'ok', ms);
  }

  assert.deepEqual(counts.requests.ping.durations, [1, 1, 1, 1, 1, 1, 1]);
});
