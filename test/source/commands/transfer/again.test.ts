/** Fetching again when little or nothing has changed: the number of requests. */
import assert from 'node:assert/strict';
import {readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {startHarness} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {RequestMeter} from '../../../fixtures/request-meter.ts';
import {runHere} from '../run.ts';

const fileCount = 300;

/** Files in folders, all fetched once. Further commands go through a proxy that counts requests. */
async function startFetched(t: TestContext) {
  const harness = await startHarness(t);
  const {root, serve, server, target} = harness;
  const names = Array.from({length: fileCount}, (_, index) => `d${index % 7}/f${index}`);
  for (const name of names) {
    serve(name, `text of ${name}`);
  }

  const first = await runHere(['mget', '**', '-o', target, '-s', server.address]);
  assert.equal(first.status, 0, first.stderr);
  const meter = new RequestMeter();
  const proxy = await TcpProxy.start(server.port, meter);
  t.after(() => proxy[Symbol.asyncDispose]());
  const address = `jangada://127.0.0.1:${proxy.port}`;
  const again = (policy: string) =>
    runHere(['mget', '**', '-o', target, '-s', address, '--on-conflict', policy]);
  return {...harness, root, meter, again, names};
}

for (const policy of ['skip', 'newer']) {
  test(`mget --on-conflict ${policy} of existing files requests only a listing`, async t => {
    const {again, meter} = await startFetched(t);
    const ran = await again(policy);
    assert.equal(ran.status, 0, ran.stderr);
    assert.match(ran.stdout, new RegExp(`0 files, .* ${fileCount} skipped`));
    assert.deepEqual(meter.take(), {find: 1});
  });
}

test('mget --on-conflict resume of existing files requests their digests a few hundred at a time', async t => {
  const {again, meter} = await startFetched(t);
  const ran = await again('resume');
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`^${fileCount} files, .* verified`, 'm'));
  const {roots = 0, ...others} = meter.take();
  // The number of requests depends on how the listing arrives.
  assert.ok(roots <= 5, `${roots} requests`);
  assert.deepEqual(others, {find: 1});
});

test('mget --on-conflict newer fetches newer and missing files', async t => {
  const {again, root, target, serve} = await startFetched(t);
  serve('d0/new', 'new');
  serve('d1/f1', 'another text');
  const later = Date.now() / 1000 + 10;
  utimesSync(join(root, 'd1/f1'), later, later);
  writeFileSync(join(target, 'd2/f2'), 'changed here, and newer');
  const ran = await again('newer');
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`^2 files, .* ${fileCount - 1} skipped$`, 'm'));
  assert.equal(readFileSync(join(target, 'd0/new'), 'utf8'), 'new');
  assert.equal(readFileSync(join(target, 'd1/f1'), 'utf8'), 'another text');
  assert.equal(readFileSync(join(target, 'd2/f2'), 'utf8'), 'changed here, and newer');
});
