/** Two servers behind a real HAProxy, which checks whether they are ready. They stop in turn while a client downloads. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {RunningProgram, startServer} from '../chaos/program.ts';
import {Haproxy, haproxyProgram} from '../engines/haproxy.ts';
import {freePort} from '../fixtures/free-port.ts';
import {noise, temporaryFolder, until} from '../fixtures/harness.ts';

const mebibyte = 1_048_576;
const content = noise(48 * mebibyte);

test('a client continues while servers restart in turn, without a warning, a used attempt or a wrong byte', {
  timeout: 180_000,
  skip: existsSync(haproxyProgram) ? false : 'there is no HAProxy',
}, async t => {
  const folder = temporaryFolder(t);
  const [root, target] = [join(folder, 'root'), join(folder, 'target')];
  mkdirSync(root);
  writeFileSync(join(root, 'large'), content);
  const ports = [await freePort(), await freePort()] as const;
  // This limit makes the download last long enough.
  const start = async (index: 0 | 1) => {
    const server = await startServer(root, ports[index], folder, [
      '--limit',
      '1500k',
      '--grace',
      '30',
    ]);
    t.after(() => server.kill());
    return server;
  };
  const servers = [await start(0), await start(1)] as const;
  await using haproxy = await Haproxy.start(
    folder,
    ports.map(port => `127.0.0.1:${port}`),
    'check inter 100ms fall 600 rise 1 on-marked-down shutdown-sessions',
  );
  const areUp = async () => {
    while (!(await haproxy.stats()).states.every(state => state === 'UP')) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };
  await areUp();
  const client = new RunningProgram(
    'jangada',
    [
      ...['sget', 'large', '-s', `jangada://127.0.0.1:${haproxy.port}`, '--to', target],
      ...['--retries', '0', '--connections', '4', '--quiet', '--json'],
    ],
    folder,
  );
  t.after(() => client.kill());
  const hasArrived = async (bytes: number) =>
    until(() => bytesOnDisk(join(target, 'large.jangada-part')) >= bytes);
  const stop = async (server: RunningProgram) => {
    server.signal('SIGTERM');
    assert.equal((await server.end(30_000)).status, 0, server.stderr);
  };
  await hasArrived(8 * mebibyte);
  await stop(servers[0]);
  await start(0);
  await hasArrived(24 * mebibyte);
  await areUp();
  await stop(servers[1]);
  assert.equal(client.ending, undefined, 'it was under way');
  const {status} = await client.end(60_000);
  assert.deepEqual([status, client.stderr], [0, ''], client.stdout);
  assert.ok(readFileSync(join(target, 'large')).equals(content));
  const states: string[] = client.stdout.match(/(?<="state":")\w+/g) ?? [];
  assert.ok(!states.slice(states.indexOf('downloading')).includes('connecting'), `${states}`);
});

/** The bytes of a file that have space on the disk. A partial file has its full length from the start. */
function bytesOnDisk(file: string): number {
  return 512 * (statSync(file, {throwIfNoEntry: false})?.blocks ?? 0);
}
