import assert from 'node:assert/strict';
import {closeSync, openSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {bothDigests} from '../../../../source/transfers/blocks/both-digests.ts';
import {CheckThreads} from '../../../../source/transfers/hashing/check-threads.ts';
import {Checker, type FileToHash} from '../../../../source/transfers/hashing/checker.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';
import {FailingThreads} from '../../../fixtures/server/failing-threads.ts';
import {type Script, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** A file of zeros that takes no disk space. */
function largeFile(t: TestContext, blocks: number): FileToHash {
  const file = join(temporaryFolder(t), 'a');
  writeFileSync(file, '');
  truncateSync(file, blocks * blockSize);
  const fd = openSync(file, 'r');
  t.after(() => closeSync(fd));
  return {fd, path: file, size: blocks * blockSize};
}

async function compare(
  t: TestContext,
  local: FileToHash,
  threads: CheckThreads,
  script: Script,
): Promise<unknown> {
  await using client = new Client(await startHostileServer(t, script));
  const options = {signal: undefined, onProgress: () => undefined};
  return await bothDigests(
    {local, remotePath: path('a'), algorithm: 'sha256'},
    {client, checker: new Checker(threads)},
    options,
  );
}

test('a local file that cannot be read is reported at once, even if the server is still hashing', async t => {
  const threads = new FailingThreads(2);
  // The server never answers.
  const compared = compare(t, largeFile(t, 200), threads, () => undefined);
  await assert.rejects(compared, error => isJangadaError(error, 'local_io'));
  assert.equal(threads.jobs, 2);
});

test('if the server refuses, the client stops hashing', async t => {
  class Counting extends CheckThreads {
    jobs = 0;

    override run: CheckThreads['run'] = (job, file, options) => {
      this.jobs++;
      return super.run(job, file, options);
    };
  }

  const threads = new Counting(1);
  const local = largeFile(t, 16_000);
  const compared = compare(t, local, threads, (socket, {kind}) => {
    if (kind === frameKinds.digestsRequest) {
      socket.write(encodeAnswer('error', {code: 'forbidden', message: 'no'}));
    }
  });
  await assert.rejects(compared, error => isJangadaError(error, 'forbidden'));
  assert.ok(threads.jobs < 100, `${threads.jobs} of 1000 jobs were begun`);
});
