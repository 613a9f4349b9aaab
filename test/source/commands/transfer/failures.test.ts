import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failures} from '../../../../source/commands/transfer/failures.ts';
import {startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {endOf} from '../../../fixtures/json-output.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {runHere} from '../run.ts';

function told() {
  const lines: string[] = [];
  return {lines, failures: new Failures(line => lines.push(line))};
}

test('twenty files of one cause are named at once, and the others are counted at the end', () => {
  const {lines, failures} = told();
  for (let number = 0; number < 5000; number++) {
    failures.add(`d/f${number}`, 'local_io', `/to/d/f${number}: the disk is read-only`);
    failures.add(`d/f${number}`, 'no_space', `${number} bytes do not fit`);
  }

  assert.equal(lines.length, 40);
  failures.add('other', 'forbidden', 'permission denied');
  failures.end();
  assert.deepEqual(lines.slice(40), [
    'other: permission denied',
    'and 4980 more like d/f0: /to/d/f0: the disk is read-only',
    'and 4980 more like d/f0: 0 bytes do not fit',
  ]);
});

/** Short names such as `a` and `ab`, which may also be in the sentence. */
const numbered = (number: number) =>
  number.toString(26).replaceAll(/\d/g, digit => 'qrstuvwxyz'[Number(digit)] ?? '');

test('a lost server is one line with a count, or with the name if it is one file', () => {
  for (const [files, line] of [
    [8211, '8211 files not fetched: Gone\\x1b'],
    [1, 'f0: Gone\\x1b'],
  ] as const) {
    const {lines, failures} = told();
    for (let number = 0; number < files; number++) {
      failures.add(files === 1 ? 'f0' : numbered(number), 'connection_lost', 'Gone\u001b');
    }

    assert.deepEqual(lines, []);
    failures.end();
    assert.deepEqual(lines, [line]);
  }
});

test('the summary names a thousand files, and says where all are', () => {
  const {failures} = told();
  for (let number = 0; number < 8211; number++) {
    failures.add(`f${number}`, 'connection_lost', 'Gone');
  }

  const lines = failures.lines(8211).trimEnd().split('\n');
  assert.equal(lines.length, 1001);
  assert.equal(lines[999], 'failed  f999: Gone');
  assert.equal(lines[1000], 'failed  and 7211 more: --json names each');
});

for (const json of [false, true]) {
  test(`a server that is lost during many files is reported once${json ? ', and JSON names each file once' : ''}`, async t => {
    const {serve, server, target} = await startHarness(t);
    const names = Array.from({length: 3000}, (_, number) => `f${number}`);
    for (const name of names) {
      serve(name, name.repeat(300));
    }

    let sent = 0;
    const proxy = await TcpProxy.start(server.port, {
      forwarded(_link, direction, bytes) {
        sent += direction === 'down' ? bytes.length : 0;
      },
      ended() {},
    });
    proxy.bytesPerSecond = 2_000_000;
    const running = runHere([
      ...['mget', '*', '-o', target, '-s', `127.0.0.1:${proxy.port}`, '--retries', '0'],
      ...(json ? ['--json'] : []),
    ]);
    await until(() => sent > 1_500_000);
    await proxy[Symbol.asyncDispose]();
    const ran = await running;
    assert.equal(ran.status, 3, ran.stderr);
    const arrived = treeOf(target);
    const failed = 3000 - [...arrived.keys()].filter(name => !name.endsWith('-part')).length;
    assert.ok(failed > 100, `${failed} failed`);
    // On a busy machine there are also lines of progress.
    const lines = ran.stderr.split('\n').filter(line => line.startsWith('jangada: '));
    assert.equal(lines.length, 2, ran.stderr);
    assert.match(lines[0] ?? '', new RegExp(`^jangada: ${failed} files not fetched: `));
    assert.match(lines[1] ?? '', /to go on: jangada mget .*--on-conflict resume '\*'$/);
    const results = ran.stdout.trimEnd().split('\n');
    if (json) {
      const events: Array<{event: string; path: string}> = results.map(line => JSON.parse(line));
      const named = events.filter(({event}) => event === 'done' || event === 'failed');
      assert.deepEqual(named.map(({path}) => path).sort(), [...names].sort());
      const {outcome, code, status, failed: count} = endOf(ran.stdout);
      assert.deepEqual({outcome, status, count}, {outcome: 'failure', status: 3, count: failed});
      // Depends on whether a connection or an attempt to make one ended first.
      assert.ok(code === 'connection_lost' || code === 'unreachable', String(code));
    } else {
      const again = results.filter(line => line.startsWith('failed  f'));
      assert.equal(again.length, Math.min(1000, failed));
      assert.equal(new Set(again).size, again.length);
      assert.equal(results.at(-1)?.endsWith('--json names each'), failed > 1000);
    }
  });
}

test('of unexpected files the first twenty are named, whatever their reasons are', () => {
  const {lines, failures} = told();
  for (let number = 0; number < 50; number++) {
    failures.add(`f${number}`, 'unexpected', `The server sends ${number}`);
  }

  failures.end();
  assert.equal(lines.length, 21);
  assert.equal(lines[20], 'and 30 more like f0: The server sends 0');
});
