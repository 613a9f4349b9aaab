/**
 * Measures the cost of clients that never log in, with the built server over TLS with a token:
 *
 *     npm run build && node bench/door.ts
 *
 * 10,000 connections in a row that leave after the greeting, while another client lists every 50 ms; and the memory of
 * 1,000 silent connections, and of 1,000 that have logged in and sent one request.
 */
import {Buffer} from 'node:buffer';
import {type ChildProcess, fork, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {setTimeout as wait} from 'node:timers/promises';
import {connect, type TLSSocket} from 'node:tls';
import {fileURLToPath} from 'node:url';
import {parseAddress} from '../protocol/address.ts';
import {headerSize, preface} from '../protocol/frame.ts';
import {encodeLogin, exporterLabel, exporterSize, nonceSize, proofOf} from '../protocol/login.ts';
import {encodeRequest} from '../protocol/messages.ts';
import {type RemotePath, rootPath} from '../protocol/remote-path.ts';
import {Client} from '../source/client/client.ts';

const connections = Number(process.env.DOOR_CONNECTIONS ?? 10_000);
const idle = Number(process.env.DOOR_IDLE ?? 1000);

if (process.argv[2] === 'flood') {
  await flood(Number(process.argv[3]));
} else {
  await main();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-door-'));
  try {
    mkdirSync(join(folder, 'root'));
    for (let file = 0; file < 100; file++) {
      writeFileSync(join(folder, 'root', `${file}`), '');
    }

    await measureIdle(folder, 'say nothing', open);
    await measureIdle(folder, 'have sent one request', ask);
    await measureFlood(folder);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** Start the built server. @returns its process and its address. */
async function startServer(folder: string): Promise<{address: string; child: ChildProcess}> {
  const program = fileURLToPath(new URL('../dist/jangada-server.js', import.meta.url));
  const places = ['--max-connections', `${idle + 100}`];
  const words = [...places, '--max-connections-per-address', `${idle + 100}`];
  const child = spawn(
    process.execPath,
    [program, join(folder, 'root'), '--tls', '--port', '0', '--log-level', 'error', ...words],
    {stdio: ['ignore', 'pipe', 'inherit'], env: {...process.env, JANGADA_STATE: folder}},
  );
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return {address, child};
}

async function measureIdle(
  folder: string,
  what: string,
  begin: (port: number, token: string) => Promise<TLSSocket>,
): Promise<void> {
  const {address, child} = await startServer(folder);
  const port = portOf(address);
  const [, token = ''] = /\/\/([^@]+)@/.exec(address) ?? [];
  // Memory that the server allocates once must not count.
  (await begin(port, token)).destroy();
  await wait(1000);
  const before = residentMiB(child);
  const sockets: TLSSocket[] = [];
  for (let count = 0; count < idle; count++) {
    sockets.push(await begin(port, token));
  }

  const more = residentMiB(child) - before;
  const left = sockets.filter(socket => !socket.destroyed).length;
  console.log(
    `${idle} connections that ${what}: ${more.toFixed(0)} MiB more than ${before.toFixed(0)}; ${left} still open`,
  );
  for (const socket of sockets) {
    socket.destroy();
  }

  child.kill();
}

async function measureFlood(folder: string): Promise<void> {
  const {address, child} = await startServer(folder);
  const {path, ...server} = parseAddress(address);
  await using client = new Client({...server, path});
  // The first request also connects.
  await listFor(client, path, wait(0));
  const quiet = await listFor(client, path, wait(10_000));
  const flooding = fork(fileURLToPath(import.meta.url), ['flood', `${portOf(address)}`]);
  const before = performance.now();
  const answers = await listFor(client, path, once(flooding, 'exit'));
  const seconds = (performance.now() - before) / 1000;
  console.log(`${connections} connections without a proof in ${seconds.toFixed(1)} s`);
  console.log(`  a list every 50 ms before:  ${shown(quiet)}`);
  console.log(`  a list every 50 ms beside:  ${shown(answers)}`);
  child.kill();
}

function shown(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]?.toFixed(0);
  return `${times.length} answers, median ${at(0.5)} ms, 99th ${at(0.99)}, worst ${at(1)}`;
}

async function listFor(client: Client, path: RemotePath, end: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let ended = false;
  end.then(() => {
    ended = true;
  });
  while (!ended) {
    const before = performance.now();
    for await (const _entry of client.list(path)) {
      // Only the time matters.
    }

    const took = performance.now() - before;
    times.push(took);
    await wait(Math.max(0, 50 - took));
  }

  return times;
}

async function flood(port: number): Promise<void> {
  for (let count = 0; count < connections; count++) {
    const socket = await open(port);
    socket.write(preface);
    await once(socket, 'data');
    socket.destroy();
  }
}

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({host: '127.0.0.1', port, rejectUnauthorized: false});
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** A connection that has logged in and requested the root. */
async function ask(port: number, token: string): Promise<TLSSocket> {
  const socket = await open(port);
  socket.write(preface);
  const hello = JSON.parse((await frame(socket)).toString());
  const nonce = randomBytes(nonceSize);
  const serverNonce = Buffer.from(hello.nonce, 'base64');
  const exporter = socket.exportKeyingMaterial(exporterSize, exporterLabel, Buffer.alloc(0));
  const terms = {exporter, serverNonce, clientNonce: nonce};
  socket.write(encodeLogin({nonce, proof: proofOf('client', token, terms)}));
  await frame(socket);
  socket.write(encodeRequest('stat', {path: rootPath}));
  await frame(socket);
  return socket;
}

/** The payload of the next frame, which arrives in one piece. */
async function frame(socket: TLSSocket): Promise<Buffer> {
  const [bytes] = await once(socket, 'data');
  return bytes.subarray(headerSize);
}

function portOf(address: string): number {
  return Number(/:(\d+)(?:#|$)/.exec(address)?.[1]);
}

function residentMiB({pid}: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
