import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {closeSync, openSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {aborted, isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
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

/** Both lists, of a client and a checker that answer as the test says; `signals` are those that they were given. */
async function both(
  there: (signal: AbortSignal) => Promise<unknown>,
  here: (signal: AbortSignal) => Promise<Buffer>,
  signal?: AbortSignal,
) {
  const asked: unknown[] = [];
  const client = {
    digests(name: string, {signal: itsSignal, ...options}: {signal: AbortSignal}) {
      asked.push([name, options]);
      return there(itsSignal);
    },
  } as unknown as Client;
  const hashing = {
    digests: (_file: unknown, _algorithm: unknown, options: {signal: AbortSignal}) =>
      here(options.signal),
  } as unknown as Checker;
  const local = {fd: -1, path: '/a', size: 5};
  const span = {first: 3, end: 7};
  const compared = bothDigests(
    {local, remotePath: path('a'), algorithm: 'sha256', version: 'v', span},
    {client, checker: hashing},
    {signal, onProgress: () => undefined},
  );
  return {compared, asked};
}

/** Resolves never; rejects when it is stopped. */
const untilStopped = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(aborted())),
  );

test('of a part of the file only its digests are asked for, of the version that is wanted', async () => {
  const list = {digests: Buffer.alloc(0)};
  const {compared, asked} = await both(
    async () => list,
    async () => Buffer.alloc(0),
  );
  assert.deepEqual(await compared, {here: Buffer.alloc(0), there: list});
  const options = {algorithm: 'sha256', version: 'v', from: 3, to: 7, onDigests: undefined};
  assert.deepEqual(asked, [['a', options]]);
});

test('the side that failed is the reason, and not the one that was stopped for it', async () => {
  const failed = new JangadaError('changed', 'x');
  const fails = async () => {
    throw failed;
  };
  await assert.rejects((await both(fails, untilStopped)).compared, failed);
  await assert.rejects((await both(untilStopped, fails)).compared, failed);
});

test('both sides are stopped when the caller stops the comparison', async () => {
  const stop = new AbortController();
  const {compared} = await both(untilStopped, untilStopped, stop.signal);
  stop.abort();
  await assert.rejects(compared, {code: 'aborted'});
});

test('of a known list the part is taken that was asked for, and is told as digests of the server', async () => {
  const digests = Buffer.concat([0, 1, 2, 3].map(byte => Buffer.alloc(32, byte)));
  const expected = {digests, size: 5, mtimeMs: 0, version: 'v', root: 'ab'};
  const hashing = {digests: async () => Buffer.alloc(0)} as unknown as Checker;
  // It is not asked for anything.
  const client = {} as Client;
  for (const [span, first, part] of [
    [{first: 1, end: 3}, 1, digests.subarray(32, 96)],
    [undefined, 0, digests],
  ] as const) {
    const told: unknown[] = [];
    const {there} = await bothDigests(
      {
        ...{local: {fd: -1, path: '/a', size: 5}, remotePath: path('a'), algorithm: 'sha256'},
        ...{expected, ...(span && {span})},
      },
      {client, checker: hashing},
      {
        signal: undefined,
        onProgress: () => undefined,
        onThere: (...given) => told.push(given),
      },
    );
    assert.deepEqual(there, {...expected, digests: part});
    assert.deepEqual(told, [[first, part]]);
  }
});
