import assert from 'node:assert/strict';
import {closeSync, openSync, readFileSync, statSync, utimesSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {Room} from '../../../../source/transfers/disk/room.ts';
import {Download} from '../../../../source/transfers/download/download.ts';
import {Checker} from '../../../../source/transfers/hashing/checker.ts';
import type {KnownPartial} from '../../../../source/transfers/terms/known-partial.ts';
import {
  type Harness,
  noise,
  path,
  startHarness,
  temporaryFolder,
} from '../../../fixtures/harness.ts';
import {openStore} from '../../../fixtures/queue/stored-queue.ts';

const blocks = 24;
const size = blocks * blockSize - 5;

/** Counts the bytes that the client hashes. */
class CountingChecker extends Checker {
  hashedBytes = 0;

  override digests(...[file, ...rest]: Parameters<Checker['digests']>) {
    this.hashedBytes += file.size;
    return super.digests(file, ...rest);
  }
}

type Run = {hashedBytes: number; reusedBytes: number; begunAnew: boolean; outcome: string};

type Place = Harness & {
  part: string;
  file: string;
  database: string;
  /** Download `a` until `stopAt` bytes are verified, or to the end. */
  run(stopAt?: number): Promise<Run>;
};

async function startPlace(t: TestContext): Promise<Place> {
  const harness = await startHarness(t, {server: {limit: 40 * blockSize}});
  const folder = new TargetFolder(harness.target);
  const database = join(temporaryFolder(t), 'queue.db');
  t.after(() => folder[Symbol.dispose]());
  return {
    ...harness,
    part: join(harness.target, 'a.jangada-part'),
    file: join(harness.target, 'a'),
    database,
    async run(stopAt = Number.POSITIVE_INFINITY) {
      using store = new QueueStore(database);
      const checker = new CountingChecker();
      const stop = new AbortController();
      const seen: Run = {hashedBytes: 0, reusedBytes: 0, begunAnew: false, outcome: 'stopped'};
      const opened = folder.open([]);
      const download = new Download(
        {
          remotePath: path('a'),
          folder: opened,
          name: 'a',
          onConflict: 'fail',
          memory: {
            recall: name => store.partials.recall(join(harness.target, name)),
            remember: (name, known) => store.partials.remember(join(harness.target, name), known),
            forget: name => store.partials.forget(join(harness.target, name)),
          },
        },
        {
          ...{client: harness.client, blocks: new ReceiveBuffers(8), checker, flusher},
          ...{room: new Room(), ending: new Ending()},
        },
        event => {
          if (event.type === 'version') {
            seen.begunAnew ||= event.begunAnew;
          } else if (event.type === 'progress') {
            seen.reusedBytes = event.reusedBytes;
            if (event.verifiedBytes >= stopAt) {
              stop.abort();
            }
          }
        },
      );
      try {
        seen.outcome = (await download.run(stop.signal)).outcome;
      } catch (error) {
        if (!stop.signal.aborted) {
          throw error;
        }
      } finally {
        opened.release();
      }

      seen.hashedBytes = checker.hashedBytes;
      return seen;
    },
  };
}

/** Change four bytes in place, and keep the time. */
function damage(file: string, offset: number): void {
  const {atime, mtime} = statSync(file);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([1, 2, 3, 4]), 0, 4, offset);
  closeSync(fd);
  utimesSync(file, atime, mtime);
}

test('an unchanged partial file is not hashed again', async t => {
  const {serve, run, file} = await startPlace(t);
  serve('a', noise(size));
  const first = await run(8 * blockSize);
  assert.equal(first.outcome, 'stopped');
  const second = await run();
  assert.equal(second.outcome, 'verified');
  assert.equal(second.hashedBytes, 0);
  assert.ok(second.reusedBytes >= 8 * blockSize, `${second.reusedBytes}`);
  assert.equal(second.begunAnew, false);
  assert.ok(readFileSync(file).equals(noise(size)));
});

test('a changed partial file is hashed, and its damaged blocks are fetched again', async t => {
  const {serve, run, file, part} = await startPlace(t);
  serve('a', noise(size));
  await run(8 * blockSize);
  const {size: left} = statSync(part);
  damage(part, 3 * blockSize + 17);
  const second = await run();
  assert.equal(second.hashedBytes, left);
  assert.ok(readFileSync(file).equals(noise(size)));
});

test('a file that has changed on the server is reported, and equal blocks are not hashed', async t => {
  const {serve, run, file, part} = await startPlace(t);
  serve('a', noise(size));
  await run(8 * blockSize);
  const kept = Math.floor(statSync(part).size / blockSize);
  const changed = noise(size);
  changed.fill(7, 2 * blockSize, 2 * blockSize + 9);
  serve('a', changed);
  const second = await run();
  assert.equal(second.begunAnew, true);
  assert.equal(second.hashedBytes, 0);
  assert.ok(
    second.reusedBytes >= (kept - 2) * blockSize,
    `${second.reusedBytes} of ${kept} blocks`,
  );
  assert.ok(readFileSync(file).equals(changed));
});

test('another file with the same size and time on the server is never mixed with the old one', async t => {
  const {serve, run, file, root} = await startPlace(t);
  serve('a', noise(size));
  utimesSync(join(root, 'a'), 1_600_000_000, 1_600_000_000);
  await run(8 * blockSize);
  serve('a', noise(size, 2));
  utimesSync(join(root, 'a'), 1_600_000_000, 1_600_000_000);
  const second = await run();
  assert.equal(second.outcome, 'verified');
  assert.ok(second.hashedBytes > 0);
  assert.ok(readFileSync(file).equals(noise(size, 2)));
});

for (const [what, sql] of [
  ['digests that are cut', "UPDATE partial SET digests = x'00ff'"],
  ['an algorithm that there is none of', "UPDATE partial SET algorithm = 'md5'"],
  ['digests of other bytes', 'UPDATE partial SET digests = randomblob(length(digests))'],
  ['nothing at all', 'DELETE FROM partial'],
] as const) {
  test(`a memory of ${what} costs hashing, but no wrong byte`, async t => {
    const {serve, run, file, database} = await startPlace(t);
    serve('a', noise(size));
    await run(8 * blockSize);
    const db = new DatabaseSync(database);
    db.exec(sql);
    db.close();
    const second = await run();
    assert.equal(second.outcome, 'verified');
    assert.ok(second.hashedBytes > 0);
    assert.ok(readFileSync(file).equals(noise(size)));
  });
}

const known: KnownPartial = {
  version: 'v1',
  algorithm: 'blake3',
  state: '1:2:3:4',
  digests: Buffer.alloc(64, 7),
};

test('what is remembered of a partial is forgotten when it is done, or after 90 days', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = 1_790_000_000_000;
  const {partials} = openStore(t, file, () => nowMs);
  for (const name of ['a', 'b', 'c']) {
    partials.remember(`/to/${name}`, known);
  }

  partials.forget('/to/b');
  assert.deepEqual([partials.recall('/to/a'), partials.recall('/to/b')], [known, undefined]);
  nowMs += 90 * 24 * 3_600_000;
  openStore(t, file, () => nowMs);
  assert.deepEqual(partials.recall('/to/a'), known);
  partials.remember('/to/c', {...known, version: 'v2'});
  nowMs += 1;
  openStore(t, file, () => nowMs);
  assert.deepEqual(
    [partials.recall('/to/a'), partials.recall('/to/c')],
    [undefined, {...known, version: 'v2'}],
  );
});

test('digests of more than a million blocks are not kept', t => {
  const {partials} = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const digests = Buffer.alloc(32 * 1_048_576);
  partials.remember('/to/a', {...known, digests});
  assert.equal(partials.recall('/to/a')?.digests.length, digests.length);
  partials.remember('/to/b', {...known, digests: Buffer.alloc(digests.length + 32)});
  assert.equal(partials.recall('/to/b'), undefined);
});

test('a memory that cannot be read or written costs no download', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const {partials} = openStore(t, file);
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE partial');
  db.close();
  partials.remember('/to/a', known);
  partials.forget('/to/a');
  assert.equal(partials.recall('/to/a'), undefined);
});
