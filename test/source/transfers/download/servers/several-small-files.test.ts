import assert from 'node:assert/strict';
import {mkdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {noise, path, treeOf} from '../../../../fixtures/harness.ts';
import {type SeveralServers, startSeveral} from '../../../../fixtures/server/several-servers.ts';

const names = Array.from({length: 600}, (_, index) => `${index % 7}/${index}`);
const size = 3000;

/** Fetch all files, which all servers have, in one queue. */
async function fetchAll(
  several: SeveralServers,
  how: {onConflict?: 'resume' | 'fail'} = {},
): Promise<Map<string, Buffer>> {
  const {queue, target} = several;
  const {onConflict = 'fail'} = how;
  queue.add(
    names.map(name => ({
      ...{remotePath: path(name), folder: target, localPath: name, size, onConflict},
    })),
  );
  await queue.idle();
  assert.equal(queue.totals().failed, 0);
  return treeOf(target);
}

function serveAll({serve}: SeveralServers): Map<string, Buffer> {
  return new Map(
    names.map((name, index) => {
      const content = noise(size, index + 1);
      serve(name, content);
      return [name, content];
    }),
  );
}

/** The number of files that each server has sent. */
function sentBy({servers}: SeveralServers): {a: number; b: number} {
  const [a = 0, b = 0] = servers.map(({meter}) => meter.take().whole.size);
  return {a, b};
}

test('small files come from several servers, each file from one of them', async t => {
  const several = await startSeveral(t);
  const wanted = serveAll(several);
  assert.deepEqual(await fetchAll(several), wanted);
  const {a, b} = sentBy(several);
  assert.equal(a + b, names.length);
  assert.ok(a > 0 && b > 0, `${a} and ${b}`);
  assert.deepEqual(several.news, []);
});

test('small files that another server lacks, or has in another version, come from the main server', async t => {
  const several = await startSeveral(t);
  const wanted = serveAll(several);
  const other = several.servers[1]?.root ?? '';
  for (const [index, name] of names.entries()) {
    if (index % 3 === 0) {
      rmSync(join(other, name));
    } else if (index % 3 === 1) {
      // Another version of the same size.
      writeFileSync(join(other, name), noise(size, 5000));
      utimesSync(join(other, name), 1_600_000_000, 1_600_000_000);
    }
  }

  assert.deepEqual(await fetchAll(several), wanted);
  assert.match(
    several.news.join(),
    /B is left out for it: it (?:does not have the file|has another version)/,
  );
});

test('existing small files are compared with those of the main server, even if another server still has the old versions', async t => {
  const several = await startSeveral(t);
  const wanted = serveAll(several);
  const old = noise(size, 5000);
  for (const name of names) {
    for (const folder of [several.servers[1]?.root ?? '', several.target]) {
      const file = join(folder, name);
      mkdirSync(dirname(file), {recursive: true});
      writeFileSync(file, old);
      utimesSync(file, 1_600_000_000, 1_600_000_000);
    }
  }

  assert.deepEqual(await fetchAll(several, {onConflict: 'resume'}), wanted);
});
