/** Commands with several servers of one root: their messages and their exit status. */
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import {formatAddress, formatSharedAddress} from '../../../protocol/address.ts';
import {blockSize} from '../../../protocol/block.ts';
import type {ServerOptions} from '../../../server/server.ts';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {tellOfServers} from '../../../source/commands/connect.ts';
import {continuation} from '../../../source/commands/continuation.ts';
import type {Job} from '../../../source/commands/job.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {noise, temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {startSeveral} from '../../fixtures/server/several-servers.ts';
import {Captured, runHere} from './run.ts';

const big = noise(10_000_000);

async function startPlace(t: TestContext, server: Partial<ServerOptions>[] = []) {
  const several = await startSeveral(t, {server});
  several.serve('a', 'content of a');
  several.serve('folder/b', 'content of b');
  several.serve('big', big);
  const folder = temporaryFolder(t);
  const environment = {JANGADA_STATE: join(folder, 'state'), JANGADA_CONFIG: folder};
  const at = several.servers.flatMap(({address}) => ['-s', formatAddress(address)]);
  const files = new Map([
    ['a', Buffer.from('content of a')],
    ['big', big],
    ['folder/b', Buffer.from('content of b')],
  ]);
  return {
    ...{...several, at, files, folder, environment},
    /** @param answers of the user. With them the command runs in a terminal, whose input ends after the last answer. */
    async run(
      words: readonly string[],
      {answers, ...more}: {environment?: NodeJS.ProcessEnv; answers?: string[]} = {},
    ) {
      const ran = await runHere(words, {
        environment: {...environment, ...more.environment},
        ...(answers === undefined ? {} : answering(answers)),
      });
      // On a busy machine, standard error also has lines of progress, with control sequences around them.
      const text = stripVTControlCharacters(several.named(ran.stderr));
      const said = text.match(/^(?:jangadas?:|Compare).*\n?/gm);
      return {...ran, stderr: said?.join('') ?? ''};
    },
  };
}

/** A terminal with a user who answers each question. */
function answering(answers: string[]): {stdin: NodeJS.ReadStream; stderr: Captured} {
  const input = new PassThrough();
  const stderr = new Captured(80);
  const write = stderr._write.bind(stderr);
  stderr._write = (chunk, encoding, done) => {
    write(chunk, encoding, done);
    if (chunk.includes('(yes/no)')) {
      const answer = answers.shift();
      if (answer === undefined) {
        input.end();
      } else {
        input.write(`${answer}\n`);
      }
    }
  };
  // The command only uses that a terminal is one.
  return {stdin: Object.assign(input, {isTTY: true}) as unknown as NodeJS.ReadStream, stderr};
}

const gone = /^jangada: A does not answer \(.*\): going on with B\n$/;

test('every command does its work while the main server is gone, and reports this once', async t => {
  const {at, files, run, servers, target} = await startPlace(t);
  await servers[0]?.stop();
  const listed = await run(['list', ...at]);
  assert.deepEqual(
    listed.stdout.split('\n').map(line => line.split(' ').at(-1)),
    ['folder', 'a', 'big', ''],
  );
  assert.match(listed.stderr, gone);
  for (const words of [
    ['mget', '**', '--to', target],
    ['verify', 'a', 'big', '--to', target],
    ['hash', 'a'],
    ['cget', 'big', '--to', target],
    ['sget', 'big', '--to', target, '--on-conflict', 'overwrite'],
    ['queue', 'add', 'folder/b', '--to', join(target, 'other')],
    ['queue', 'run'],
  ]) {
    const {status, stderr} = await run([...words, ...at]);
    assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
    assert.match(stderr, gone, words.join(' '));
  }

  assert.deepEqual(treeOf(target), new Map([...files, ['other/b', files.get('folder/b')]]));
});

test('if no server answers, each is named, and the status is 3', async t => {
  const {at, run, servers} = await startPlace(t);
  await Promise.all(servers.map(server => server.stop()));
  const {status, stderr} = await run(['list', ...at]);
  assert.equal(status, 3);
  assert.match(
    stderr,
    /No connection to any of the servers: A \(.+\), B \(.+\)\. Check the addresses/,
  );
});

test('a server that requires an unknown token is left out, with its reason', async t => {
  const door = testDoor(t, {tls: false});
  const {at, files, run, servers, target} = await startPlace(t, [{}, {door}]);
  const {status, stderr} = await run(['mget', '**', '--to', target, ...at]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^jangada: B is left out: B asks for a token/);
  assert.equal(stderr.split('\n').length, 2);
  assert.deepEqual(treeOf(target), files);
  assert.deepEqual(servers[1]?.meter.blocksOf('big'), []);
});

test('if all servers refuse, the error is that of the first one, and the status is 4', async t => {
  const door = () => testDoor(t, {tls: false});
  const {at, run} = await startPlace(t, [{door: door()}, {door: door()}]);
  const {status, stderr} = await run(['list', ...at]);
  assert.equal(status, 4);
  assert.match(stderr, /\njangada: A asks for a token/);
});

test('a given token is for all servers', async t => {
  const doors = [testDoor(t, {tls: false}), testDoor(t, {tls: false})];
  const {at, run, servers, slowMain, target} = await startPlace(
    t,
    doors.map(door => ({door})),
  );
  const environment = {JANGADA_TOKEN: goodToken};
  void slowMain(() => (servers[1]?.meter.downBytes ?? 0) > blockSize);
  const {status, stderr} = await run(['sget', 'big', '--to', target, ...at], {environment});
  assert.deepEqual({status, stderr}, {status: 0, stderr: ''});
  for (const {meter} of servers) {
    assert.ok(meter.downBytes > blockSize);
  }
});

test('the same server given twice is one server', async t => {
  const {at, run, target} = await startPlace(t);
  const once = at.slice(0, 2);
  const {status, stderr} = await run(['sget', 'big', '--to', target, ...once, ...once]);
  assert.deepEqual({status, stderr}, {status: 0, stderr: ''});
  assert.ok(readFileSync(join(target, 'big')).equals(big));
});

test('JANGADA_SERVER may have several servers', async t => {
  const {run, servers, slowMain, target} = await startPlace(t);
  void slowMain(() => (servers[1]?.meter.blockBytes ?? 0) > blockSize);
  const JANGADA_SERVER = servers.map(({address}) => formatAddress(address)).join(' ');
  const {status} = await run(['sget', 'big', '--to', target], {environment: {JANGADA_SERVER}});
  assert.equal(status, 0);
  for (const {meter} of servers) {
    assert.ok(meter.blocksOf('big').length > 0);
  }
});

test('if a server has another version of several files, this is reported once, with the first file', async t => {
  const {at, run, servers, slowMain, target, serve} = await startPlace(t);
  serve('big2', big);
  for (const name of ['big', 'big2']) {
    writeFileSync(join(servers[1]?.root ?? '', name), 'short');
  }

  void slowMain(() => (servers[1]?.meter.downBytes ?? 0) > 0);
  const {status, stderr} = await run(['mget', 'big*', '--to', target, ...at, '--files', '1']);
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /^jangada: big2?: B is left out for it: it has another version of the file\. .*\n$/,
  );
});

test('the user is asked once about each server over TLS, and a server without a yes is left out', async t => {
  const door = () => testDoor(t, {tokens: []});
  const {at, run, servers, slowMain, target} = await startPlace(t, [
    {door: door()},
    {door: door()},
  ]);
  const words = ['sget', 'big', '--to', target, '--on-conflict', 'overwrite', ...at];
  const other = servers[1]?.meter;
  assert.ok(other !== undefined);
  const first = await run(words, {answers: ['yes', 'no']});
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /jangada: jangadas:\/\/B is left out: /);
  assert.ok(other.downBytes < 100_000);
  void slowMain(() => other.downBytes > blockSize);
  const second = await run(words, {answers: ['yes']});
  assert.equal(second.status, 0, second.stderr);
  assert.ok(other.downBytes > blockSize);
  const third = await run(words);
  assert.deepEqual({status: third.status, stderr: third.stderr}, {status: 0, stderr: ''});
});

test('ending the input at the first question answers all questions', async t => {
  const door = () => testDoor(t, {tokens: []});
  const {at, run} = await startPlace(t, [{door: door()}, {door: door()}]);
  const {status, stderr} = await run(['list', ...at], {answers: []});
  assert.equal(status, 4);
  assert.equal(stderr.split('(yes/no)').length, 3);
});

test('tokens and fingerprints in the addresses of all servers are remembered', async t => {
  const tokens = [['token-of-a'], ['token-of-b']];
  const doors = tokens.map(own => testDoor(t, {tokens: own}));
  const {at, run, servers, folder} = await startPlace(
    t,
    doors.map(door => ({door})),
  );
  const shared = servers.flatMap(({address}) =>
    address.scheme === 'jangadas' ? ['-s', formatSharedAddress(address)] : [],
  );
  assert.equal((await run(['list', ...shared])).status, 0);
  const remembered = readFileSync(join(folder, 'state', 'known-tokens'), 'utf8');
  assert.match(remembered, / token-of-a\n.* token-of-b\n$/);
  const {status, stderr} = await run(['list', ...at]);
  assert.deepEqual({status, stderr}, {status: 0, stderr: ''});
});

test('the command to continue with has all servers, and no token', () => {
  const words = ['-s', 'jangadas://one@a:1/x', '-s', 'jangadas://two@b:2/x'];
  const invocation = parseArguments(['mget', '**', ...words], {});
  assert.ok(invocation.do === 'run');
  const {inputs, options} = invocation;
  // `continuation` uses only these fields of a job.
  assert.equal(
    continuation({inputs, options} as unknown as Job, {command: 'mget'}),
    "jangada mget --server jangadas://a:1/x --server jangadas://b:2/x '**'",
  );
});

test('the queue belongs to the first server, and the others help when they are given again', async t => {
  const {at, folder, run, servers, slowMain} = await startPlace(t);
  void slowMain(() => (servers[1]?.meter.blockBytes ?? 0) > blockSize);
  const to = join(folder, 'to');
  mkdirSync(to);
  assert.equal((await run(['queue', 'add', 'big', '--to', to, ...at])).status, 0);
  const {stdout} = await run(['queue', 'list', ...at.slice(0, 2), '--json']);
  assert.ok(stdout.includes(JSON.stringify(at[1])), stdout);
  assert.equal((await run(['queue', 'run', ...at])).status, 0);
  assert.ok(readFileSync(join(to, 'big')).equals(big));
  assert.ok((servers[1]?.meter.blocksOf('big').length ?? 0) > 0);
});

test('an unfit server is reported once for each kind of error, whatever the error says', async t => {
  const {client} = await startSeveral(t);
  const told: string[] = [];
  tellOfServers(client, {notice: line => told.push(line)});
  for (let file = 0; file < 100; file++) {
    client.servers.tellUnfit(
      client.address,
      `${file}`,
      'forbidden',
      `it is forbidden, says ${file}`,
    );
  }

  client.servers.tellUnfit(client.address, 'a', 'changed', 'it has another version of the file');
  assert.equal(told.length, 2);
});
