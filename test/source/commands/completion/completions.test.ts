import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {formatAddress, parseAddress} from '../../../../protocol/address.ts';
import {complete} from '../../../../protocol/completion/complete.ts';
import {commandOf, commandWords} from '../../../../source/commands/arguments/catalogue.ts';
import {flagOf} from '../../../../source/commands/arguments/option-catalogue.ts';
import {completions} from '../../../../source/commands/completion/completions.ts';
import {ServerBook} from '../../../../source/servers/server-book.ts';
import {openQueueStore} from '../../../../source/transfers/database/open-queue-store.ts';
import {goodToken, testDoor} from '../../../fixtures/door.ts';
import {path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';

type Environment = NodeJS.ProcessEnv;

suite('the possible words at the cursor', () => {
  test('are the options of the command, without those that are already there', async () => {
    for (const command of commandWords.filter(word => word !== 'serve')) {
      const flags = [...commandOf(command).options, 'help'].map(flagOf).sort();
      assert.deepEqual((await words([...command.split(' '), '--'])).sort(), flags, command);
    }

    const left = await words(['queue', 'list', '--json', '--s']);
    assert.deepEqual(left, ['--server']);
    assert.deepEqual(await words(['list', '--json', '--jso']), []);
    assert.deepEqual(
      await words(['list', '-s', 'h', '--serv']),
      ['--server'],
      'there may be several',
    );
    assert.deepEqual(await words(['list', '--', '--s'], {JANGADA_SERVER: 'ssh://h'}), []);
  });

  test('are all commands for the first word, and known servers for an address', async t => {
    const all = await words(['']);
    assert.ok(['list', 'queue', 'help', 'serve', 'completion'].every(word => all.includes(word)));
    const environment = state(t);
    const book = new ServerBook(environment.JANGADA_STATE);
    book.used(parseAddress('files.example.org/fotos'));
    book.used(parseAddress('jangadas://secret-token@tls.example.org'));
    book.name(parseAddress('files.example.org/fotos'), 'holidays');
    assert.deepEqual(await words(['jangada://f'], environment), [
      'jangada://files.example.org:1234/fotos',
    ]);
    assert.deepEqual(await words(['list', '-s', 'files.'], environment), [
      'files.example.org:1234/fotos',
    ]);
    assert.deepEqual(await words(['list', '--server=jangadas:'], environment), [
      '--server=jangadas://tls.example.org:1234',
    ]);
    assert.deepEqual(await words(['files.example.org', 'jangadas:'], environment), [
      'jangadas://tls.example.org:1234',
    ]);
    assert.deepEqual(await words(['files.example.org', '--no-m'], environment), ['--no-mouse']);
    const answer = await completions(['files.'], environment);
    assert.equal(answer.kind === 'words' && answer.words[0]?.about, 'holidays');
  });

  test('are, for the queue, IDs of transfers whose state the command can change', async t => {
    const environment = state(t);
    assert.deepEqual(await words(['queue', 'pause', ''], environment), ['all']);
    assert.ok(!existsSync(join(environment.JANGADA_STATE ?? '', 'queue.db')), 'none is made');
    const {store} = openQueueStore(environment);
    assert.ok(store !== undefined);
    const transfer = {folder: '/x', localPath: 'a', onConflict: 'fail'} as const;
    const [one, two] = store.add('h:1', [
      {...transfer, remotePath: path('dir/one')},
      {...transfer, remotePath: path('dir/two')},
    ]);
    store[Symbol.dispose]();
    const ids = [String(one?.id), String(two?.id)];
    assert.deepEqual(await words(['queue', 'pause', ''], environment), [...ids, 'all']);
    assert.deepEqual(await words(['queue', 'move', ''], environment), ids);
    assert.deepEqual(await words(['queue', 'move', '1', ''], environment), []);
    assert.deepEqual(await words(['queue', 'resume', ''], environment), ['all']);
    assert.deepEqual(await words(['queue', 'retry', ''], environment), ['failed']);
    assert.deepEqual(await words(['queue', 'priority', ''], environment), [
      'high',
      'normal',
      'low',
    ]);
    assert.deepEqual(await words(['queue', 'priority', 'low', ''], environment), [...ids, 'all']);
    assert.match(
      await complete(['fish', 'queue', 'pause', ''], typed => completions(typed, environment)),
      /\tqueued {2}dir\/one\n/,
    );
  });

  test('have no IDs if the queue is damaged, or is a link', async t => {
    const environment = state(t);
    const file = join(environment.JANGADA_STATE ?? '', 'queue.db');
    writeFileSync(file, 'no database');
    const text = await complete(['zsh', 'queue', 'pause', ''], typed =>
      completions(typed, environment),
    );
    assert.equal(text, 'words\n');
    assert.deepEqual(readdirSync(environment.JANGADA_STATE ?? ''), ['queue.db']);
    assert.equal(readFileSync(file, 'utf8'), 'no database');
    rmSync(file);
    symlinkSync('/dev/zero', file);
    assert.deepEqual(await words(['queue', 'pause', ''], environment), ['all']);
  });
});

suite('names on the server', () => {
  test('are those of the typed folder, below the folder of the address', async t => {
    waitLonger(t);
    const {server, serve} = await startHarness(t);
    for (const name of [
      'photos/2025/boat.jpg',
      'photos/2024/x',
      'photos/2:30',
      'plan.txt',
      '!bang',
    ]) {
      serve(name, '');
    }

    const environment = {...state(t), JANGADA_SERVER: server.address};
    const sorted = async (...typed: string[]) => (await words(typed, environment)).sort();
    assert.deepEqual(await sorted('list', 'p'), ['photos/', 'plan.txt']);
    const two = ['-s', server.address, '-s', '127.0.0.1:1'];
    assert.deepEqual(await sorted('list', ...two, 'p'), ['photos/', 'plan.txt'], 'of the first');
    assert.deepEqual(await sorted('list', '/p'), ['/photos/', '/plan.txt']);
    assert.deepEqual(await sorted('sget', 'photos/'), [
      'photos/2024/',
      'photos/2025/',
      'photos/2:30',
    ]);
    assert.deepEqual(await sorted('hash', 'photos/2:'), ['photos/2:30:']);
    assert.deepEqual(await sorted('mget', '**', '!ph'), ['!photos/']);
    assert.deepEqual(await sorted('mget', ''), ['photos/', 'plan.txt']);
    assert.deepEqual(await sorted('sget', '!'), ['!bang']);
    assert.deepEqual(await sorted('sget', '../'), []);
    assert.deepEqual(await sorted('verify', '--checksums', 'list', 'p'), []);
    const inside = `${formatAddress(parseAddress(server.address))}/photos`;
    assert.deepEqual(await sorted('list', '-s', inside, '202'), ['2024/', '2025/']);
    assert.deepEqual(await sorted('sget', 'one', ''), [], 'there is no second argument');
  });

  test('come from a known server, and nothing about the server is remembered', async t => {
    waitLonger(t);
    const {server, serve} = await startHarness(t, {server: {door: testDoor(t)}});
    serve('a.txt', '');
    const environment = {...state(t), JANGADA_CONFIG: temporaryFolder(t)};
    assert.deepEqual(await words(['list', '-s', server.address, ''], environment), ['a.txt']);
    const at = `jangadas://127.0.0.1:${server.port}`;
    const withToken = {...environment, JANGADA_TOKEN: goodToken};
    assert.deepEqual(await words(['list', '-s', at, ''], withToken), ['a.txt']);
    assert.deepEqual(await words(['list', '-s', at, ''], environment), []);
    assert.deepEqual(readdirSync(environment.JANGADA_STATE ?? ''), []);
    assert.deepEqual(readdirSync(environment.JANGADA_CONFIG), []);
  });

  test('are not offered if the server is unknown or gone, or needs ssh', async t => {
    const {server, serve} = await startHarness(t, {server: {door: testDoor(t, {tokens: []})}});
    serve('a.txt', '');
    const environment = {
      ...state(t),
      JANGADA_CONFIG: temporaryFolder(t),
      JANGADA_SSH: '/no/such/program',
    };
    const at = `jangadas://127.0.0.1:${server.port}`;
    assert.deepEqual(await words(['list', '-s', at, ''], environment), []);
    assert.deepEqual(readdirSync(environment.JANGADA_CONFIG), []);
    assert.deepEqual(await words(['list', '-s', '127.0.0.1:1', ''], environment), []);
    assert.deepEqual(await words(['list', '-s', 'ssh://h/x', ''], environment), []);
    assert.deepEqual(await words(['list', '-s', 'no address', ''], environment), []);
  });

  test('are given up after a second if the server sends no greeting', async t => {
    const silent = createServer(socket => t.after(() => socket.destroy())).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await new Promise(resolve => silent.once('listening', resolve));
    const place = silent.address();
    const port = typeof place === 'object' && place !== null ? place.port : 0;
    const startMs = performance.now();
    assert.deepEqual(await words(['list', '-s', `127.0.0.1:${port}`, ''], state(t)), []);
    assert.ok(performance.now() - startMs < 10_000, 'sooner than after its silence');
  });

  test('are not requested if only the shell could separate them from commands', async () => {
    assert.equal(
      await complete(['bash', 'jangada sget $(x)', '17', ''], () => assert.fail()),
      'words\n',
    );
    assert.equal(await complete(['tcsh', 'sget', ''], () => assert.fail()), '');
    assert.equal(await complete([], () => assert.fail()), '');
  });

  test('are not offered if there are more than ten thousand', async () => {
    const many = Array.from({length: 10_001}, (_, index) => ({text: `n${index}`}));
    assert.equal(await complete(['fish', ''], () => ({kind: 'words', words: many})), 'words\n');
    const lines = await complete(['fish', ''], () => ({kind: 'words', words: many.slice(1)}));
    assert.equal(lines.split('\n').length, 10_002);
  });
});

/** The candidates for fish, without their descriptions. */
async function words(typed: readonly string[], environment: Environment = {}): Promise<string[]> {
  const text = await complete(['fish', ...typed], asked => completions(asked, environment));
  const [kind, ...lines] = text.trimEnd().split('\n');
  assert.equal(kind, 'words');
  return lines.map(line => line.replace(/\t.*/, ''));
}

/** Give a server more than a second for its names, because the machine may be busy. */
function waitLonger(t: TestContext): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  t.mock.method(AbortSignal, 'timeout', () => timeout(60_000));
}

function state(t: TestContext) {
  return {JANGADA_STATE: temporaryFolder(t)} satisfies Environment;
}
