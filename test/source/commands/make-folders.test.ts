import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {CommandOutput} from '../../../source/commands/results/output.ts';
import {makeFolders} from '../../../source/commands/transfer/make-folders.ts';
import {TransferReport} from '../../../source/commands/transfer/report.ts';
import {startHarness, path as toPath} from '../../fixtures/harness.ts';
import {Captured} from './run.ts';

test('an interruption stops making folders, and the made ones are reported', async t => {
  const {queue, target} = await startHarness(t);
  const stdout = new Captured();
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  const report = new TransferReport({output, json: false, single: false, folders: true});
  const folders = Array.from({length: 1000}, (_, index) => {
    const remotePath = toPath(`f${index}`);
    return {remotePath, folder: target, localPath: remotePath};
  });
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  await assert.rejects(makeFolders(folders, queue, report, stop.signal), error =>
    isJangadaError(error, 'aborted'),
  );
  const made = readdirSync(target);
  assert.ok(made.length > 0 && made.length < 1000, String(made.length));
  assert.equal(report.tally.madeFolders, made.length);
  assert.deepEqual(
    stdout.text.trimEnd().split('\n').sort(),
    made.map(name => `${name}  folder made`).sort(),
  );
});

test('folders are made only below the target', async t => {
  const {queue, target} = await startHarness(t);
  const there = path.join(target, 'a/b');
  assert.deepEqual(queue.makeFolder(target, 'a/b'), {path: there, made: true});
  assert.deepEqual(queue.makeFolder(target, 'a/b'), {path: there, made: false});
  for (const name of ['', '..', 'a/../../x', '/x', './x', 'a//x']) {
    assert.throws(
      () => queue.makeFolder(target, name),
      error => isJangadaError(error, 'unsafe_target'),
      name,
    );
  }
});
