/**
 * Measures a link by itself: the round trip of one byte, and the rate of iperf3 in each direction. No program can be faster
 * over this link.
 */
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import {promisify} from 'node:util';
import {programAt} from '../peers/programs.ts';
import {printRows} from '../report/lines.ts';
import {freePort, startDaemon, stopDaemon} from '../running/process.ts';
import type {LinkOptions} from './link.ts';
import {startLink} from './start-link.ts';

export type LinkCheck = LinkOptions & {
  /** The measured round trip. */
  roundTrip: number;
  /** Bytes per second from the first to the last byte of a connection that sends for two seconds. */
  oneConnection: number;
  /** The rate of iperf3; undefined if it is not installed or left out. */
  down: number | undefined;
  up: number | undefined;
};

/**
 * Measure each of these links, and print the results.
 * @param isQuick whether to leave out iperf3, which takes ten seconds for each link.
 */
export async function checkLinks(
  links: readonly LinkOptions[],
  isQuick: boolean,
): Promise<LinkCheck[]> {
  const checks: LinkCheck[] = [];
  for (const link of links) {
    const roundTrip = await measureRoundTrip(link);
    const down = isQuick ? undefined : await measureRate(link, ['-R']);
    const up = isQuick ? undefined : await measureRate(link, []);
    const oneConnection = await measureConnection(link);
    checks.push({...link, roundTrip, oneConnection, down, up});
  }

  if (checks.length === 0) {
    return [];
  }

  const inMB = (rate: number | undefined) => (rate === undefined ? '' : (rate / 1e6).toFixed(2));
  printRows('The links alone (our own proxy on loopback; no loss, no slow start)', [
    ['', 'round trip ms', 'one connection MB/s', 'iperf3 down MB/s', 'iperf3 up MB/s'],
    ...checks.map(({roundTripMs, bytesPerSecond, roundTrip, oneConnection, down, up}) => [
      `${roundTripMs} ms, ${inMB(bytesPerSecond)} MB/s`,
      ...[roundTrip.toFixed(1), inMB(oneConnection), inMB(down), inMB(up)],
    ]),
  ]);
  return checks;
}

/** Milliseconds until a byte comes back: the median of nine. */
async function measureRoundTrip(options: LinkOptions): Promise<number> {
  const echo = createServer({noDelay: true}, socket => socket.pipe(socket));
  const port = await freePort();
  echo.listen(port, '127.0.0.1');
  await once(echo, 'listening');
  await using link = await startLink(port, options);
  const socket = connect({port: link.port, host: '127.0.0.1', noDelay: true});
  const times: number[] = [];
  // The first round trip includes the handshake.
  for (let round = 0; round < 10; round++) {
    const start = performance.now();
    socket.write('x');
    await once(socket, 'data');
    times.push(performance.now() - start);
  }

  socket.destroy();
  echo.close();
  return times.slice(1).sort((one, other) => one - other)[4] ?? Number.NaN;
}

async function measureConnection(options: LinkOptions): Promise<number> {
  const bytes = Buffer.alloc(2 * options.bytesPerSecond);
  const server = createServer(socket => socket.end(bytes));
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await using link = await startLink(port, options);
  const socket = connect({port: link.port, host: '127.0.0.1'});
  let count = 0;
  let first: {count: number; atMs: number} | undefined;
  for await (const chunk of socket) {
    count += chunk.length;
    first ??= {count, atMs: performance.now()};
  }

  server.close();
  const {count: before, atMs} = first ?? {count: 0, atMs: Number.NaN};
  return ((count - before) / (performance.now() - atMs)) * 1000;
}

async function measureRate(options: LinkOptions, words: string[]): Promise<number | undefined> {
  const program = programAt('iperf3');
  if (program === undefined) {
    return undefined;
  }

  const port = await freePort();
  const args = ['--server', '--port', String(port), '--bind', '127.0.0.1'];
  const server = await startDaemon({program, args}, port, 'ignore');
  try {
    await using link = await startLink(port, options);
    const to = ['--client', '127.0.0.1', '--port', String(link.port)];
    // Its first second includes the handshake.
    const {stdout} = await promisify(execFile)(
      program,
      [...to, ...words, '--json', '--time', '4', '--omit', '1'],
      {maxBuffer: 2 ** 24},
    );
    return receivedBytesPerSecond(stdout);
  } finally {
    await stopDaemon(server);
  }
}

/** The rate in the JSON of iperf3. @throws an error if it has none. */
function receivedBytesPerSecond(json: string): number {
  const [, bits] = /"sum_received":\s*\{[^}]*"bits_per_second":\s*([\d.e+]+)/.exec(json) ?? [];
  if (bits === undefined) {
    throw new Error(`iperf3 names no rate: ${json.slice(0, 500)}`);
  }

  return Number(bits) / 8;
}
