/** Commands and a server with a door: what they ask, what they remember, and what ends with status 4. */
import assert from 'node:assert/strict';
import {chmodSync, existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {continuation} from '../../../source/commands/continuation.ts';
import type {Job} from '../../../source/commands/job.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {Captured, runHere, typed} from './run.ts';

suite('commands at a server with a door', () => {
  test('the line that the server prints is enough, and afterwards its short form is', async t => {
    const {at, known, run, server, tokens} = await startPlace(t);
    assert.deepEqual(await run(['list', '-s', server.address]), [0, 'a']);
    assert.equal(
      readFileSync(tokens, 'utf8').split('\n').at(-2),
      `127.0.0.1:${server.port} ${goodToken}`,
    );
    assert.equal(statSync(tokens).mode & 0o777, 0o600);
    assert.match(readFileSync(known, 'utf8'), /^127\.0\.0\.1:\d+ sha256:[0-9a-f]{64}$/m);
    assert.deepEqual(await run(['list', '-s', at]), [0, 'a']);
  });

  test('a queue is fetched with the token that was used when the files were added', async t => {
    const {at, run, server, target} = await startPlace(t);
    assert.equal((await run(['queue', 'add', 'a', '-o', target, '-s', server.address]))[0], 0);
    assert.equal((await run(['queue', 'run', '-s', at]))[0], 0);
    assert.equal(readFileSync(join(target, 'a'), 'utf8'), 'content of a');
  });

  test('a queue is fetched with the token in the address of the run', async t => {
    const {at, folder, run, server, target} = await startPlace(t);
    const file = join(folder, 'token');
    writeFileSync(file, goodToken, {mode: 0o600});
    const add = ['queue', 'add', 'a', '-o', target, '-s', at, '--token-file', file];
    assert.equal((await run(add))[0], 0);
    assert.equal((await run(['queue', 'run', '-s', at]))[0], 4, 'no token is remembered');
    assert.equal((await run(['queue', 'run', '-s', server.address]))[0], 0);
    assert.equal(readFileSync(join(target, 'a'), 'utf8'), 'content of a');
    assert.deepEqual(await run(['list', '-s', at]), [0, 'a'], 'the token is remembered now');
  });

  test('a queue is not fetched from a server whose certificate is not that of the run', async t => {
    const {at, run, server, target} = await startPlace(t, {tokens: []});
    const fingerprint = server.address.split('#')[1] ?? '';
    const known = ['-s', at, '--fingerprint', fingerprint];
    assert.equal((await run(['queue', 'add', 'a', '-o', target, ...known]))[0], 0);
    const other = ['-s', at, '--fingerprint', `sha256:${'ab'.repeat(32)}`];
    const [status, , stderr = ''] = await run(['queue', 'run', ...other]);
    assert.equal(status, 4, stderr);
    assert.ok(!existsSync(join(target, 'a')));
    assert.equal((await run(['queue', 'run', ...known]))[0], 0);
  });

  for (const [how, words, environment] of [
    ['a file of tokens', ['--token-file', 'FILE'], {}],
    ['the environment', [], {JANGADA_TOKEN: goodToken}],
  ] as const) {
    test(`a token from ${how} needs no fingerprint, and is not remembered`, async t => {
      const {at, folder, run, tokens} = await startPlace(t);
      const file = join(folder, 'token');
      writeFileSync(file, `# the one\n${goodToken}\nother\n`, {mode: 0o600});
      const options = words.map(word => word.replace('FILE', file));
      assert.deepEqual(await run(['list', '-s', at, ...options], {environment}), [0, 'a']);
      assert.ok(!existsSync(tokens));
    });
  }

  test('a token file that others can read is refused', async t => {
    const {at, folder, run} = await startPlace(t);
    const file = join(folder, 'token');
    writeFileSync(file, goodToken);
    chmodSync(file, 0o644);
    await assert.rejects(run(['list', '-s', at, '--token-file', file]), {
      code: 'local_io',
      message: /Other users can read.*chmod 600/,
    });
  });

  test('a token file with a line that is none is wrong usage, and the message names file and line', async t => {
    const {at, folder, run} = await startPlace(t);
    const file = join(folder, 'token');
    writeFileSync(file, 'my secret token', {mode: 0o600});
    await assert.rejects(run(['list', '-s', at, '--token-file', file]), {
      code: 'usage',
      message: `Invalid value '${file}' for --token-file: Line 1 of the tokens cannot be read: only folder=PATH and expires=TIME may follow a token`,
    });
  });

  test('an unknown certificate ends with 4 and its fingerprint if no user can be asked', async t => {
    const {at, run, server} = await startPlace(t, {tokens: []});
    const [status, , stderr = ''] = await run(['sget', 'a', '-s', at]);
    assert.equal(status, 4);
    const [, fingerprint = ''] = /(sha256:[0-9a-f]{64})/.exec(stderr) ?? [];
    assert.ok(server.address.endsWith(`#${fingerprint}`), stderr);
    assert.deepEqual(await run(['list', '-s', at, '--fingerprint', fingerprint]), [0, 'a']);
    assert.deepEqual(await run(['list', '-s', at]), [0, 'a'], 'it is remembered');
  });

  test('in a terminal the user is asked about it once, and no answer means no', async t => {
    const {at, known, run} = await startPlace(t, {tokens: []});
    for (const answers of [['no'], ['maybe'], []]) {
      const [status] = await run(['list', '-s', at], {stdin: typed(...answers)});
      assert.equal(status, 4, String(answers));
      assert.ok(!existsSync(known));
    }

    assert.deepEqual(await run(['list', '-s', at], {stdin: typed('yes')}), [0, 'a']);
    assert.deepEqual(await run(['list', '-s', at]), [0, 'a']);
  });

  test('a changed certificate ends with 4 and both fingerprints, without a question, and nothing is written', async t => {
    const {at, known, run, server, target} = await startPlace(t, {tokens: []});
    const before = 'ab'.repeat(32);
    const text = `# mine\n127.0.0.1:${server.port} sha256:${before}\n`;
    writeFileSync(known, text);
    const words = ['mget', '**', '-o', target, '-s', at];
    const [status, , stderr = ''] = await run(words, {stdin: typed('yes', 'yes')});
    assert.equal(status, 4);
    assert.match(
      stderr,
      new RegExp(`shows the certificate sha256:[0-9a-f]{64}, but sha256:${before} is expected`),
    );
    assert.ok(!existsSync(target));
    assert.equal(readFileSync(known, 'utf8'), text);
    // The user passes the line that the server prints now, and so vouches for the new certificate.
    assert.equal((await run(['list', '-s', server.address]))[0], 0);
    assert.match(readFileSync(known, 'utf8'), /^# mine\n127/);
    assert.deepEqual(await run(['list', '-s', at]), [0, 'a']);
  });

  test('a wrong token ends with 4 and is not shown', async t => {
    const {run, server} = await startPlace(t);
    const [status, stdout, stderr = ''] = await run([
      'list',
      '-s',
      server.address.replace(goodToken, 'wrong-guess'),
      '--json',
    ]);
    assert.equal(status, 4);
    assert.ok(!`${stdout}${stderr}`.includes('wrong-guess'));
    assert.match(stderr, /token is wrong/);
  });

  test('the command to continue with has no token', async t => {
    const {folder, server} = await startPlace(t);
    const invocation = parseArguments(['mget', '**', '-s', server.address, '-o', folder], {});
    assert.ok(invocation.do === 'run');
    const {inputs, options} = invocation;
    // `continuation` uses only these fields of a job.
    const said = continuation({inputs, options} as unknown as Job, {command: 'mget'});
    assert.ok(said.includes('--server') && !said.includes(goodToken), said);
  });

  test('an invalid line of known-servers is reported, and the program does not connect', async t => {
    const {at, known, run} = await startPlace(t);
    writeFileSync(known, '\nexample.org:1 sha1:aa\n');
    const [status, , stderr = ''] = await run(['list', '-s', at]);
    assert.equal(status, 1);
    assert.match(stderr, /Line 2 of '.*known-servers' cannot be read/);
  });
});

type Door = Parameters<typeof testDoor>[1];

async function startPlace(t: TestContext, door: Door = {}) {
  const folder = temporaryFolder(t);
  const {serve, server, target} = await startHarness(t, {server: {door: testDoor(t, door)}});
  serve('a', 'content of a');
  const own = {JANGADA_STATE: join(folder, 'state'), JANGADA_CONFIG: folder};
  return {
    folder,
    server,
    target,
    at: `jangadas://127.0.0.1:${server.port}`,
    known: join(folder, 'known-servers'),
    tokens: join(folder, 'state', 'known-tokens'),
    /** @returns the status, standard output (of a list only its names), and standard error unless it is empty. */
    async run(
      words: readonly string[],
      {environment = {}, stdin}: {environment?: NodeJS.ProcessEnv; stdin?: NodeJS.ReadStream} = {},
    ): Promise<[status: number | null, stdout: string, stderr?: string]> {
      const terminal = stdin === undefined ? {} : {stdin, stderr: new Captured(80)};
      const {status, stdout, stderr} = await runHere(words, {
        environment: {...own, ...environment},
        ...terminal,
      });
      const shown = words[0] === 'list' ? stdout.trim().split(/\s+/).at(-1) : stdout;
      return status === 0 ? [status, shown ?? ''] : [status, stdout, stderr];
    },
  };
}
