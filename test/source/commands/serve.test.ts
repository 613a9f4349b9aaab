import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {networkInterfaces} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {formatAddress, parseAddress} from '../../../protocol/address.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {temporaryFolder, until} from '../../fixtures/harness.ts';
import {listedIn} from '../../fixtures/json-output.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';
import {type Ran, runHere, start} from './run.ts';

const serverProgram = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url));

/** Run `jangada-server WORDS` to its end. */
async function runServer(words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [...withTypeScript, serverProgram, ...words]);
  const ran: Ran = {status: null, stdout: '', stderr: ''};
  child.stdout.setEncoding('utf8').on('data', text => {
    ran.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    ran.stderr += text;
  });
  const [status] = await once(child, 'close');
  return {...ran, status};
}

/** The mistake, the words after `jangada serve` in a folder with a file, and the status. */
const table: [
  what: string,
  words: (folder: string, usedPort: number) => string[],
  status: number,
][] = [
  ['a port in use', (folder, port) => [folder, '--port', `${port}`], 1],
  ['a missing folder', folder => [join(folder, 'missing')], 1],
  ['a file for a folder', folder => [join(folder, 'file')], 1],
  ['an address of another machine', folder => [folder, '--port', '0', '--host', '192.0.2.1'], 1],
  ['an unknown option', () => ['--prot', '5'], 2],
  ['a port that is no number', () => ['--port', 'many'], 2],
  ['a host that is no address', () => ['--host', 'http://x'], 2],
  ['a value where none belongs', () => ['--help=yes'], 2],
  ['two folders', folder => [folder, folder], 2],
  ['--help', () => ['--help'], 0],
  ['--version', () => ['--version'], 0],
];

for (const [what, wordsFor, status] of table) {
  test(`jangada serve ends like jangada-server, with ${status}: ${what}`, async t => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'file'), '');
    const blocker = createServer().listen(0, '127.0.0.1');
    t.after(() => blocker.close());
    await once(blocker, 'listening');
    const address = blocker.address();
    const words = wordsFor(folder, typeof address === 'object' ? (address?.port ?? 0) : 0);
    const [alone, within] = await Promise.all([runServer(words), start(['serve', ...words]).ended]);
    assert.equal(alone.status, status);
    assert.deepEqual(within, alone);
    assert.match(alone.stderr, status === 0 ? /^$/ : /^jangada-server: [^\n]+\n$/);
  });
}

/** A link-local IPv6 address of this machine with its interface; undefined if there is none. */
function zonedAddress(): string | undefined {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const local = addresses.find(({address}) => /^fe80:/i.test(address));
    if (local !== undefined) {
      return `${local.address}%${name}`;
    }
  }

  return undefined;
}

const zoned = zonedAddress();

for (const host of zoned === undefined ? ['::1'] : ['::1', zoned]) {
  test(`both programs can read an address with ${host} that a program prints`, async t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'root'));
    writeFileSync(join(folder, 'root/file'), '');
    const serving = start(['serve', join(folder, 'root'), '--port', '0', '--host', host]);
    t.after(() => serving.child.kill('SIGKILL'));
    await until(() => serving.ran.stdout.includes('\n'));
    const printed = serving.ran.stdout.trim();
    assert.equal(parseAddress(printed).host, host);
    const listed = await runHere(['list', '-s', printed]);
    assert.match(listed.stdout, /file\n$/);
    await runHere(['queue', 'add', 'file', '-s', printed, '-o', folder]);
    const queued = await runHere(['queue', 'list', '--json', '-s', printed]);
    assert.deepEqual(
      (listedIn(queued.stdout) as {server: string}[]).map(({server}) => server),
      // Without its secret part.
      [formatAddress(parseAddress(printed))],
    );
    // A second server can report the used port only if it can read the printed address.
    const second = await runServer([folder, '--host', printed]);
    assert.equal(second.status, 1);
    assert.match(second.stderr, /Port \d+ of .* is in use/);
    const port = await freePort();
    const address = parseAddress(printed);
    assert.ok(address.scheme !== 'ssh');
    const unused = formatAddress({...address, port});
    const unreachable = await runHere(['list', '-s', unused]);
    const [, named = ''] = /No connection to (\S+): /.exec(unreachable.stderr) ?? [];
    assert.deepEqual(parseAddress(named), parseAddress(unused));
  });
}
