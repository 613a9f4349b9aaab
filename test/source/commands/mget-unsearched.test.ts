import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {type Ran, runHere} from './run.ts';
import {treeOf} from './tree-of.ts';

type Sent = NonNullable<Parameters<typeof encodeAnswer<'end'>>[1]['unsearched']>;

/** A server that finds nothing, and could not search all folders. */
async function blindServer(t: TestContext, unsearched: Sent) {
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      socket.write(encodeFrame(frameKinds.entries, '{"entries":[]}'));
      socket.write(encodeAnswer('end', {count: 0, bytes: 0, unsearched}));
    }
  });
  const words = ['-s', formatAddress(address), '-o', path.join(temporaryFolder(t), 'to')];
  return (...command: string[]): Promise<Ran> => runHere([...command, ...words]);
}

function eventsOf({stdout}: Ran): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

test('the place where a tree is too deep to be searched is reported, and the rest is fetched', async t => {
  const {serve, root, server, target} = await startHarness(t);
  serve('ok.txt', 'content');
  const script = 'cd "$1"; for i in $(seq 66); do mkdir d; cd d; done; touch f';
  execFileSync('bash', ['-c', script, '_', root]);
  t.after(() => execFileSync('rm', ['-rf', path.join(root, 'd')]));
  const words = ['-s', server.address, '-o', target];
  const deepest = Array.from({length: 64}, () => 'd').join('/');
  const why = 'the server could not search it: it has paths of more than 64 parts or 4,096 bytes';
  const ran = await runHere(['mget', '**', ...words]);
  assert.equal(ran.status, 1);
  assert.equal(ran.stderr, `jangada: ${deepest}: ${why}\n`);
  assert.match(ran.stdout, /1 file, 7 B verified [^;]*; 1 failed\nfailed {2}d\/d.*\n$/);
  assert.deepEqual(treeOf(target), ['ok.txt']);
  const again = await runHere(['mget', '**', '--json', '--on-conflict', 'skip', ...words]);
  assert.equal(again.status, 1);
  const events = eventsOf(again);
  assert.deepEqual(
    events.filter(({event}) => event === 'failed'),
    [{event: 'failed', path: deepest, code: 'too_large', message: why}],
  );
  assert.partialDeepStrictEqual(events.at(-1), {event: 'end', skipped: 1, failed: 1});
});

test('each unsearched place is reported with its reason, and not as a missing match', async t => {
  const run = await blindServer(t, {
    count: 4,
    first: [
      {name: 'secret', code: 'forbidden'},
      {name: 'gone', code: 'not_found'},
      {name: 'broken\u001b', code: 'internal'},
      {name: {base64: 'Y2Fm6Q=='}, code: 'busy'},
    ],
  });
  const ran = await run('mget', '**');
  assert.equal(ran.status, 1);
  assert.deepEqual(ran.stderr.trimEnd().split('\n'), [
    'jangada: secret: the server could not search it: the server may not read it',
    'jangada: gone: the server could not search it: it was removed meanwhile',
    'jangada: broken\\x1b: the server could not search it: it could not be read',
    'jangada: caf\\xe9: the server could not search it: the server has too many files open',
  ]);
  assert.match(ran.stdout, /^0 files, 0 B verified [^;]*; 4 failed\n(failed {2}.*\n){4}$/);
});

test('places that the server does not name are counted, together with invalid names', async t => {
  const run = await blindServer(t, {
    count: 150,
    first: [
      {name: 'secret', code: 'forbidden'},
      {name: '../x', code: 'forbidden'},
    ],
  });
  const ran = await run('mget', '**', '--json');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: secret: .*\njangada: and 149 more that the server could not/);
  assert.partialDeepStrictEqual(eventsOf(ran).at(-1), {event: 'end', failed: 150});
});

test('queue add fails if the server could not search all folders', async t => {
  const run = await blindServer(t, {count: 1, first: [{name: 'secret', code: 'forbidden'}]});
  const ran = await run('queue', 'add', '**');
  assert.equal(ran.status, 1);
  assert.equal(
    ran.stderr,
    'jangada: secret: the server could not search it: the server may not read it\n',
  );
});
