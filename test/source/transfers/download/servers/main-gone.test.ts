import assert from 'node:assert/strict';
import {readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {noise, path, treeOf, until} from '../../../../fixtures/harness.ts';
import {assertVerified} from '../../../../fixtures/outcome.ts';
import {startSeveral} from '../../../../fixtures/server/several-servers.ts';

const mebibyte = 1_048_576;

test('if the main server is gone for good, a file continues with the version of another server', async t => {
  const several = await startSeveral(t, {client: {retries: 3}});
  const [a, b] = several.servers;
  assert.ok(a !== undefined && b !== undefined);
  several.serve('big', noise(24 * mebibyte));
  const other = noise(24 * mebibyte, 2);
  writeFileSync(join(b.root, 'big'), other);
  utimesSync(join(b.root, 'big'), 1_600_000_000, 1_600_000_000);
  a.proxy.bytesPerSecond = 8_000_000;
  const id = several.add('big', {size: 24 * mebibyte});
  await until(() => several.news.length > 0 && a.meter.blockBytes > 2 * mebibyte);
  assert.match(several.news.join(), /B is left out for it/);
  await a.stop();
  await several.queue.idle();
  assertVerified(several.row(id));
  assert.ok(readFileSync(join(several.target, 'big')).equals(other));
});

test('if the main server is gone for good, small files come in the versions of another server', async t => {
  const several = await startSeveral(t, {client: {retries: 3}});
  const [a, b] = several.servers;
  assert.ok(a !== undefined && b !== undefined);
  const names = Array.from({length: 600}, (_, index) => `${index}`);
  const size = 20_000;
  for (const name of names) {
    several.serve(name, noise(size, 1));
    writeFileSync(join(b.root, name), noise(size, 2));
    utimesSync(join(b.root, name), 1_600_000_000, 1_600_000_000);
  }

  a.proxy.bytesPerSecond = 2_000_000;
  several.queue.add(
    names.map(name => ({
      ...{remotePath: path(name), folder: several.target, localPath: name, size},
      onConflict: 'fail' as const,
    })),
  );
  await until(() => several.news.some(text => text.includes('B is left out for it')));
  await a.stop();
  await several.queue.idle();
  assert.deepEqual([several.queue.totals().done, several.queue.totals().failed], [600, 0]);
  assert.ok([...treeOf(several.target).values()].some(content => content.equals(noise(size, 2))));
});
