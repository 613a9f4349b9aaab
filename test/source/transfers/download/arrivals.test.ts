/** Files that appear or change in the target folder during a download. */
import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize} from '../../../../protocol/block.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {
  fetchSmallFiles,
  type SmallFile,
} from '../../../../source/transfers/download/small/small-files.ts';
import {checker} from '../../../../source/transfers/hashing/checker.ts';
import type {ConflictPolicy} from '../../../../source/transfers/queue/queue.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {
  type Harness,
  noise,
  path,
  startHarness,
  temporaryFolder,
} from '../../../fixtures/harness.ts';
import {runDownload} from '../../../fixtures/run-download.ts';

const skip = process.platform === 'win32' && 'links need a right on Windows';
const part = '.jangada-part';
const content = noise(3 * blockSize + 10);

/** Call `act` at the first event for which `isMoment` holds. */
function once(isMoment: (event: DownloadEvent) => boolean, act: () => void) {
  let done = false;
  return (event: DownloadEvent) => {
    if (!done && isMoment(event)) {
      done = true;
      act();
    }
  };
}

const isFlushed = (event: DownloadEvent) => event.type === 'finish';

const moments: Readonly<Record<string, (event: DownloadEvent) => boolean>> = {
  'while blocks come': event => event.type === 'progress' && event.verifiedBytes > 0,
  'while the last bytes are flushed': isFlushed,
};

type Arrival = {make(place: string): void; isStillThere(place: string): boolean};

const arrivals: Readonly<Record<string, Arrival>> = {
  'a file': {
    make: place => writeFileSync(place, 'mine'),
    isStillThere: place => readFileSync(place, 'utf8') === 'mine',
  },
  'a folder': {
    make: place => mkdirSync(place),
    isStillThere: place => lstatSync(place).isDirectory(),
  },
  'a link that leads nowhere': {
    make: place => symlinkSync('nowhere', place),
    isStillThere: place => readlinkSync(place) === 'nowhere',
  },
};

/** Serve `count` small files with equal content. @returns their names. */
function serveSmall({serve}: Harness, count: number): string[] {
  const names = Array.from({length: count}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, noise(100));
  }

  return names;
}

/** Run `fetchSmallFiles` for the served `names`. @returns how each file ended. */
async function fetchSmall(
  {client}: Harness,
  target: string,
  names: readonly string[],
  options: {
    onConflict?: ConflictPolicy;
    wanted?: (name: string) => boolean;
    tell?: (name: string, event: DownloadEvent) => void;
  },
): Promise<Map<string, string>> {
  using root = new TargetFolder(target);
  const folder = root.open([]);
  const ended = new Map<string, string>();
  const files = names.map(
    (name): SmallFile => ({
      ...{remotePath: path(name), folder, name, size: 100},
      onConflict: options.onConflict ?? 'fail',
      wanted: () => !ended.has(name) && (options.wanted?.(name) ?? true),
      tell(event) {
        options.tell?.(name, event);
        if (event.type !== 'progress' && event.type !== 'finish') {
          ended.set(name, event.type === 'failed' ? event.error.code : event.type);
        }
      },
    }),
  );
  await client.withConnection(connection =>
    fetchSmallFiles(connection, files, {
      ...{blocks: new ReceiveBuffers(8), checker, flusher, algorithm: 'sha256'},
      ...{checksums: false, ending: new Ending()},
    }),
  );
  folder.release();
  return ended;
}

suite('at the final name, if existing files must stay', {skip}, () => {
  for (const [what, {make, isStillThere}] of Object.entries(arrivals)) {
    for (const onConflict of ['fail', 'skip', 'rename'] as const) {
      for (const [when, isMoment] of Object.entries(moments)) {
        test(`${what} that appears ${when} stays, with ${onConflict}`, async t => {
          const {client, serve} = await startHarness(t);
          serve('a', content);
          const target = temporaryFolder(t);
          const place = join(target, 'a');
          const tell = once(isMoment, () => make(place));
          await assert.rejects(runDownload(client, target, {tell, onConflict}), {code: 'exists'});
          assert.ok(isStillThere(place));
          assert.ok(readFileSync(place + part).equals(content));
        });
      }

      test(`${what} that appears while a small file is flushed stays, with ${onConflict}`, async t => {
        const harness = await startHarness(t);
        const names = serveSmall(harness, 5);
        const target = temporaryFolder(t);
        const place = join(target, 'f3');
        const arrive = once(isFlushed, () => make(place));
        const tell = (_name: string, event: DownloadEvent) => arrive(event);
        const ended = await fetchSmall(harness, target, names, {onConflict, tell});
        assert.equal(ended.get('f3'), 'exists');
        assert.ok(isStillThere(place));
        assert.ok(readFileSync(place + part).equals(noise(100)));
        assert.equal([...ended.values()].filter(how => how === 'done').length, names.length - 1);
      });
    }
  }
});

const swaps: Readonly<Record<string, (place: string) => void>> = {
  'another file'(place) {
    writeFileSync(`${place}.new`, 'another');
    renameSync(`${place}.new`, place);
  },
  'a link to another file'(place) {
    writeFileSync(`${place}.other`, 'another');
    rmSync(place);
    symlinkSync(`${place}.other`, place);
  },
  'a copy of what has come so far'(place) {
    writeFileSync(`${place}.new`, readFileSync(place));
    renameSync(`${place}.new`, place);
  },
  'another file, and is moved away'(place) {
    renameSync(place, `${place}.away`);
    writeFileSync(place, 'another');
  },
  nothing: place => rmSync(place),
};

suite('a partial file that is replaced never gets the final name', {skip}, () => {
  for (const [what, swap] of Object.entries(swaps)) {
    for (const [when, isMoment] of Object.entries(moments)) {
      for (const onConflict of ['fail', 'overwrite'] as const) {
        test(`by ${what}, ${when}, with ${onConflict}`, async t => {
          const {client, serve} = await startHarness(t);
          serve('a', content);
          const target = temporaryFolder(t);
          const tell = once(isMoment, () => swap(join(target, `a${part}`)));
          await assert.rejects(runDownload(client, target, {tell, onConflict}), {
            code: 'unsafe_target',
          });
          assert.ok(!existsSync(join(target, 'a')));
        });
      }
    }

    test(`by ${what}, while a group of small files is flushed, and the others get their names`, async t => {
      const harness = await startHarness(t);
      const names = serveSmall(harness, 5);
      const target = temporaryFolder(t);
      const arrive = once(isFlushed, () => swap(join(target, `f3${part}`)));
      const tell = (_name: string, event: DownloadEvent) => arrive(event);
      const ended = await fetchSmall(harness, target, names, {tell});
      assert.equal(ended.get('f3'), 'unsafe_target');
      assert.ok(!existsSync(join(target, 'f3')));
      assert.equal([...ended.values()].filter(how => how === 'done').length, names.length - 1);
    });
  }
});

const damaged = Buffer.from(content);
damaged.write('damage', blockSize);

const finishedFiles: ReadonlyArray<[string, Buffer, (place: string) => void]> = [
  ['complete, and is rewritten,', content, rewrite],
  ['damaged, and is rewritten,', damaged, rewrite],
  [
    'damaged, and is replaced by another of its size,',
    damaged,
    place => {
      writeFileSync(`${place}.new`, noise(content.length, 7));
      renameSync(`${place}.new`, place);
    },
  ],
];

function rewrite(place: string): void {
  const fd = openSync(place, 'r+');
  writeSync(fd, noise(blockSize, 8));
  closeSync(fd);
}

for (const [what, bytes, change] of finishedFiles) {
  test(`a finished file that is ${what} right after its check is still repaired`, async t => {
    const {client, serve} = await startHarness(t);
    serve('a', content);
    const target = temporaryFolder(t);
    const place = join(target, 'a');
    writeFileSync(place, bytes);
    // An old time, because a change within the same clock tick would not change a new one.
    utimesSync(place, 1_600_000_000, 1_600_000_000);
    const isChecked = (event: DownloadEvent) =>
      event.type === 'check' && event.checkedBytes === event.totalBytes;
    let changes = 0;
    const tell = once(isChecked, () => {
      changes++;
      change(place);
    });
    const tools = {pause: async () => undefined};
    const result = await runDownload(client, target, {tell, tools, onConflict: 'resume'});
    assert.deepEqual([changes, result.outcome], [1, 'verified']);
    assert.ok(readFileSync(place).equals(content));
    assert.deepEqual(readdirSync(target), ['a']);
  });
}

test('a small file that is no longer wanted while its group is flushed gets no name, and the others do', async t => {
  const harness = await startHarness(t);
  const names = serveSmall(harness, 20);
  const target = temporaryFolder(t);
  let isFlushing = false;
  const ended = await fetchSmall(harness, target, names, {
    wanted: name => !(isFlushing && name === 'f7'),
    tell: (_name, event) => {
      isFlushing ||= isFlushed(event);
    },
  });
  assert.equal(ended.get('f7'), undefined);
  assert.ok(!existsSync(join(target, 'f7')));
  const others = names.filter(name => name !== 'f7');
  assert.deepEqual(
    others.map(name => [ended.get(name), readFileSync(join(target, name)).equals(noise(100))]),
    others.map(() => ['done', true]),
  );
});

test('a small file that is canceled while its group is flushed leaves no file and no partial file', async t => {
  const {serve, queue, target} = await startHarness(t);
  const names = Array.from({length: 60}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, 'x');
  }

  // On a disk in memory a flush takes no time, so this one is made longer.
  const flushFiles = flusher.flushFiles.bind(flusher);
  t.mock.method(flusher, 'flushFiles', async (files: Parameters<typeof flushFiles>[0]) => {
    await flushFiles(files);
    await turn();
    await turn();
  });
  const ids = queue.add(
    names.map(name => ({
      ...{remotePath: path(name), folder: target, localPath: name, size: 1},
      onConflict: 'fail' as const,
    })),
  );
  const id = ids.at(-1) ?? 0;
  // The files are written in one turn. They are named in a later one, after threads have flushed the group.
  while (!existsSync(join(target, `f59${part}`))) {
    assert.notEqual(queue.transfer(id)?.state.name, 'done');
    await turn();
  }

  queue.cancel(id, {deletePartial: true});
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'canceled');
  assert.deepEqual(readdirSync(target).sort(), names.filter(name => name !== 'f59').sort());
});
