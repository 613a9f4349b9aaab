import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {tellOfLink} from '../../../source/commands/connect.ts';
import {CommandOutput} from '../../../source/commands/results/output.ts';
import {noise, startHarness, until} from '../../fixtures/harness.ts';
import {startPlace} from './queue/queue-place.ts';
import {Captured, type Ran, runHere} from './run.ts';

/** Fails unless the command prints something for people, and nothing with --quiet. */
function assertSilenced(loud: Ran, quiet: Ran, about: string): void {
  assert.notEqual(`${loud.stdout}${loud.stderr}`, '', about);
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', ''], about);
  assert.equal(quiet.status, loud.status, about);
}

test('--quiet prints neither results nor notices, for each command that has it', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'abc');
  serve('folder/b', 'b');
  mkdirSync(target);
  writeFileSync(join(target, 'a'), 'abc');
  const list = join(target, 'list');
  writeFileSync(list, `${'0'.repeat(64)}  a\n`);
  const to = ['-s', server.address, '-o', target];
  for (const words of [
    ['sget', 'a', '--on-conflict', 'overwrite', ...to],
    ['cget', 'a', ...to],
    ['mget', '**', '--dirs', '--on-conflict', 'resume', ...to],
    ['mget', '**', '--on-conflict', 'skip', ...to],
    ['hash', 'a', '--compare', join(target, 'a'), '-s', server.address],
    ['verify', 'a', ...to],
    ['verify', '--checksums', list, '-o', target],
    ['queue', 'run', '-s', server.address],
  ]) {
    const loud = await runHere(words);
    assertSilenced(loud, await runHere([...words, '--quiet']), words.join(' '));
    // In a terminal there is no bar, either.
    const [stdout, stderr] = [new Captured(80), new Captured(80)];
    await runHere([...words, '--quiet'], {stdout, stderr});
    assert.equal(stdout.text + stderr.text, '', words.join(' '));
  }

  // Only the digest is printed, without the remark about the length.
  const hash = ['hash', 'a:99', '-s', server.address];
  assert.match((await runHere(hash)).stderr, /has 3 bytes only/);
  const quiet = await runHere([...hash, '--quiet']);
  assert.match(quiet.stdout, /^[0-9a-f]{64} {2}a\n$/);
  assert.equal(quiet.stderr, '');
});

test('--quiet does not report a lost connection that is tried again', () => {
  const said = [false, true].map(quiet => {
    const stderr = new Captured();
    using output = new CommandOutput({stdout: new Captured(), stderr, environment: {}, quiet});
    const times = {retryInMs: 500, retryAtMs: 500};
    tellOfLink(
      {
        onLink(listener) {
          listener({name: 'waiting', reason: 'Lost', brief: 'lost', ...times});
          return () => undefined;
        },
      },
      output,
    );
    return stderr.text;
  });
  assert.deepEqual(said, ['jangada: Lost. Trying again in 500ms\n', '']);
});

test('--quiet does not report the process that works on the queue', async t => {
  const place = await startPlace(t, 2 * blockSize);
  place.serve('a', noise(6 * blockSize));
  await place.add('a');
  const client = place.openClient();
  await until(() => client.totals().active === 1);
  const [loud, quiet] = await Promise.all([
    place.queueCommand('run'),
    place.queueCommand('run', '--quiet'),
  ]);
  assert.match(loud.stderr, /works on this queue/);
  assertSilenced(loud, quiet, 'queue run');
});
