/** Counts in the text format of Prometheus, version 0.0.4. */
import process from 'node:process';
import {openFileCount} from '../../protocol/program/open-file-limit.ts';
import {version} from '../version.ts';
import {type Counts, durationBounds} from './counts.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** The text of all metrics. Each label has few values, and no value comes from a client. */
export function exposition(counts: Counts): string {
  const {digests, jobs, readiness, requests} = counts;
  const families = [
    ...simpleFamilies(counts),
    family(
      'jangada_block_digests_total',
      'counter',
      'Block digests in answers, by whether the server knew or computed them.',
      [...Object.entries(digests).map(([source, count]): Sample => [{source}, count])],
    ),
    family(
      'jangada_readiness_answers_total',
      'counter',
      'Answers to balancers that asked whether the server is ready.',
      [...Object.entries(readiness).map(([state, count]): Sample => [{state}, count])],
    ),
    family('jangada_jobs', 'gauge', 'Hash and search jobs that run or wait now.', [
      ...Object.entries(jobs).flatMap(([job, states]) =>
        Object.entries(states).map(([state, count]): Sample => [{job, state}, count]),
      ),
    ]),
    family(
      'jangada_requests_total',
      'counter',
      'Answered requests, by the error code that the client got; aborted: the client left first.',
      [
        ...Object.entries(requests).flatMap(([request, {outcomes}]) =>
          Object.entries(outcomes)
            .filter(([outcome, count]) => outcome === 'ok' || count > 0)
            .map(([outcome, count]): Sample => [{request, outcome}, count]),
        ),
      ],
    ),
    durations(counts),
    ...processFamilies(),
  ];
  return families.join('');
}

function simpleFamilies(counts: Counts): string[] {
  const one = (name: string, help: string, value: number) =>
    family(name, name.endsWith('_total') ? 'counter' : 'gauge', help, [[{}, value]]);
  return [
    family('jangada_build_info', 'gauge', 'The version of the server; always 1.', [
      [{version: version()}, 1],
    ]),
    one('jangada_open_connections', 'Connections that have a place now.', counts.openConnections),
    one('jangada_connections_total', 'Connections that got a place.', counts.connections),
    one(
      'jangada_refused_connections_total',
      'Connections that found no place.',
      counts.refusedConnections,
    ),
    one('jangada_wrong_tokens_total', 'Logins with a wrong token.', counts.wrongTokens),
    one(
      'jangada_stalled_clients_total',
      'Connections that were closed because the client read no bytes.',
      counts.stalledClients,
    ),
    one('jangada_disk_stalls_total', 'Times that the disk became slow.', counts.diskStalls),
    one('jangada_received_bytes_total', 'Bytes of requests.', counts.receivedBytes),
    one('jangada_sent_bytes_total', 'Bytes of answers, before TLS.', counts.sentBytes),
  ];
}

function durations({requests}: Counts): string {
  const name = 'jangada_request_duration_seconds';
  const lines = Object.entries(requests).flatMap(([request, {durations, seconds}]) => {
    let count = 0;
    const buckets = durations.map((more, place) => {
      count += more;
      return line(`${name}_bucket`, {request, le: `${durationBounds[place] ?? '+Inf'}`}, count);
    });
    return [
      ...buckets,
      line(`${name}_sum`, {request}, seconds),
      line(`${name}_count`, {request}, count),
    ];
  });
  return `${head(name, 'histogram', 'Time from the start of a request until the server has passed its answer to the operating system.')}${lines.join('')}`;
}

function processFamilies(): string[] {
  const {system, user} = process.cpuUsage();
  const startedAt = Date.now() / 1000 - process.uptime();
  return [
    family(
      'process_start_time_seconds',
      'gauge',
      'Start time of the process, in seconds since 1970.',
      [[{}, startedAt]],
    ),
    family('process_cpu_seconds_total', 'counter', 'Processor time that the process used.', [
      [{}, (system + user) / 1e6],
    ]),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', [
      [{}, process.memoryUsage.rss()],
    ]),
    family('process_open_fds', 'gauge', 'Open file descriptors of the process.', [
      [{}, openFileCount()],
    ]),
  ];
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly Sample[],
): string {
  return `${head(name, type, help)}${samples.map(([labels, value]) => line(name, labels, value)).join('')}`;
}

function head(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${Number.isFinite(value) ? value : '+Inf'}\n`;
}
