/** The promises of every kind of store, as tests. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {availableAlgorithms, blockSize, digestOf} from '../../../protocol/block.ts';
import type {Entry} from '../../../protocol/messages.ts';
import {nameFromBytes, nameToBytes, parseRemotePath} from '../../../protocol/remote-path.ts';
import type {FileToLoad, LoadedFile, Search, Store} from '../../../server/store/store.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';
import {entriesIn} from '../../fixtures/server/server-raw-peer.ts';

/** A store, and functions that change its content from outside. */
export type Subject = {
  store: Store;
  /** Write a file, with the time `mtimeMs` if the store allows to set times. */
  write(name: string, bytes: Uint8Array): unknown;
  makeFolder(name: string): unknown;
  /** Whether names may have any bytes, or only UTF-8. */
  hasRawNames: boolean;
  /** Whether files keep a time that was set, or have the time of their writing. */
  keepsTimes: boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

export const mtimeMs = 1_600_000_000_000;

const rawName = nameFromBytes(Buffer.from([0x63, 0x61, 0x66, 0xe9]));
const small = Buffer.from('some small bytes');
const large = patternedBytes(2 * blockSize + 77);

const content: Record<string, Uint8Array> = {
  empty: Buffer.alloc(0),
  small,
  large,
  'folder/one.txt': Buffer.from('1'),
  'folder/two.jpg': Buffer.from('22'),
  'folder/deep/three.txt': Buffer.from('333'),
  [`${rawName}/${rawName}`]: Buffer.from('raw'),
  'half.jangada-part': Buffer.from('half'),
  'half.jangada-part.d/half.jangada-part': Buffer.from('half'),
  'gone.jangada-part/in/file': Buffer.from('half'),
};

async function fill(subject: Subject): Promise<void> {
  for (const [name, bytes] of Object.entries(content)) {
    if (subject.hasRawNames || name.isWellFormed()) {
      await subject.write(name, bytes);
    }
  }

  await subject.makeFolder('folder/none');
}

const at = parseRemotePath;
const client = () => ({peer: 'here', signal: new AbortController().signal});

async function list(store: Store, path: string): Promise<Entry[]> {
  const slices = await Array.fromAsync(store.list(at(path), new AbortController().signal));
  return slices.flat().sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function find(store: Store, search: Partial<Search>): Promise<string[]> {
  const whole = {path: at(''), masks: ['**'], folders: false, ...search};
  const frames = await Array.fromAsync(store.find(whole, client()));
  const rows = frames.flatMap(({frame}) => entriesIn([{kind: 0x41, payload: frame.subarray(8)}]));
  const files = rows.filter(({type}) => type === 'file');
  const sum = (of: (frame: (typeof frames)[0]) => number) =>
    frames.reduce((total, frame) => total + of(frame), 0);
  assert.equal(
    sum(({entries}) => entries),
    rows.length,
  );
  assert.equal(
    sum(({files}) => files),
    files.length,
  );
  assert.equal(
    sum(({bytes}) => bytes),
    files.reduce((total, {size}) => total + size, 0),
  );
  return rows.map(({name}) => (typeof name === 'string' ? name : JSON.stringify(name))).sort();
}

/** Check the time of a file that was just written, or its set time. */
function assertTime(actual: number | undefined, {keepsTimes}: Subject): void {
  if (keepsTimes) {
    assert.equal(actual, mtimeMs);
  } else {
    assert.ok(actual !== undefined && Math.abs(actual - Date.now()) < 600_000);
  }
}

/** Rejects with the error of `work`, even if `work` throws at once. */
async function outcome(work: () => unknown): Promise<unknown> {
  return await work();
}

/** @param options.skip why this system cannot run the tests. */
export function testContract(
  kind: string,
  make: () => Subject | Promise<Subject>,
  {skip}: {skip?: string | undefined} = {},
): void {
  const check = (sentence: string, body: (subject: Subject) => Promise<void>) =>
    test(`${kind}: ${sentence}`, {skip}, async () => {
      await using subject = await make();
      await fill(subject);
      await body(subject);
    });

  check(
    'an entry has the type, size, time and version of the file or folder at its path',
    async subject => {
      const {store} = subject;
      const file = await store.stat(at('folder/two.jpg'));
      assert.deepEqual([file.name, file.type, file.size], ['two.jpg', 'file', 2]);
      assertTime(file.mtimeMs, subject);
      const folder = await store.stat(at('folder'));
      assert.deepEqual([folder.name, folder.type, folder.size], ['folder', 'folder', 0]);
      const root = await store.stat(at(''));
      assert.deepEqual([root.name, root.type], ['', 'folder']);
      const opened = await store.open(at('folder/two.jpg'));
      assert.deepEqual(
        [opened.version, opened.size, opened.mtimeMs],
        [file.version, 2, file.mtimeMs],
      );
      opened.close();
    },
  );

  check('bytes are read from any position, fewer only at the end', async ({store}) => {
    for (const [name, bytes] of [
      ['large', large],
      ['small', small],
      ['empty', Buffer.alloc(0)],
    ] as const) {
      const file = await store.open(at(name));
      for (const [position, length] of [
        [0, bytes.length],
        [0, 5],
        [7, 100_000],
        [bytes.length, 9],
        [Math.max(0, bytes.length - 3), 9],
      ] as const) {
        const into = Buffer.alloc(length, 0xee);
        const count = await file.read(into, position);
        const expected = bytes.subarray(position, position + length);
        assert.equal(count, expected.length, `${name} at ${position}`);
        assert.ok(into.subarray(0, count).equals(expected), `${name} at ${position}`);
      }

      assert.equal(await file.unchanged(), true);
      file.close();
    }
  });

  check('small files are loaded together, each with its state or its error', async subject => {
    const {store, write} = subject;
    await write('folder/empty', Buffer.alloc(0));
    const wanted: FileToLoad[] = [
      [at('folder/one.txt'), 1],
      [at('folder/missing'), 5],
      [at('folder/two.jpg'), 2],
      [at('folder/one.txt'), 2],
      [at('folder/deep'), 0],
      [at('folder/empty'), 0],
      [at('small'), small.length],
      [at('half.jangada-part'), 4],
      [at('gone.jangada-part/in/file'), 4],
      [at('small/below'), 4],
      [at('folder/two.jpg'), 1],
      [at(`${rawName}/${rawName}`), 3],
    ];
    const files: LoadedFile[] = [];
    let bytes = '';
    while (files.length < wanted.length) {
      // The store decides how many it loads at once.
      const loaded = await store.load(wanted.slice(files.length));
      assert.ok(loaded.files.length > 0);
      files.push(...loaded.files);
      bytes += Buffer.from(loaded.bytes).toString();
    }

    assert.equal(bytes, `122${small}${subject.hasRawNames ? 'raw' : ''}`);
    assert.deepEqual(
      files.map(file => (file.kind === 'file' ? file.size : file.code)),
      [
        ...[1, 'not_found', 2, 'changed', 'not_a_file', 0, small.length],
        ...['forbidden', 'forbidden', 'not_found', 'changed'],
        subject.hasRawNames ? 3 : 'not_found',
      ],
    );
    const {version, mtimeMs} = await store.stat(at('folder/two.jpg'));
    assert.deepEqual(files[2], {kind: 'file', size: 2, mtimeMs, version});
  });

  check('the listing of a folder has everything in it except partial files', async subject => {
    const {store} = subject;
    const entries = await list(store, 'folder');
    assert.deepEqual(
      entries.map(({name, type, size}) => [name, type, size]),
      [
        ['deep', 'folder', 0],
        ['none', 'folder', 0],
        ['one.txt', 'file', 1],
        ['two.jpg', 'file', 2],
      ],
    );
    assertTime(entries[2]?.mtimeMs, subject);
    const {mtimeMs} = await store.stat(at('folder/one.txt'));
    assert.equal(entries[2]?.mtimeMs, mtimeMs);
    assert.deepEqual(await list(store, 'folder/none'), []);
    const names = (await list(store, '')).map(({name}) => name);
    assert.deepEqual(
      names,
      [
        ...(subject.hasRawNames ? [rawName] : []),
        ...['empty', 'folder', 'half.jangada-part.d', 'large', 'small'],
      ].sort(),
    );
  });

  check(
    'masks find files, and folders if the search asks for them',
    async ({store, hasRawNames}) => {
      const raw = JSON.stringify({
        base64: nameToBytes(`${rawName}/${rawName}`).toString('base64'),
      });
      const files = ['empty', 'folder/deep/three.txt', 'folder/one.txt', 'folder/two.jpg'];
      const others = ['large', 'small', ...(hasRawNames ? [raw] : [])];
      assert.deepEqual(await find(store, {}), [...files, ...others].sort());
      assert.deepEqual(await find(store, {masks: ['**/*.txt']}), [files[1], files[2]]);
      assert.deepEqual(await find(store, {masks: ['folder/**', '!**/*.txt']}), [files[3]]);
      assert.deepEqual(await find(store, {path: at('folder'), masks: ['*']}), [
        'one.txt',
        'two.jpg',
      ]);
      assert.deepEqual(await find(store, {path: at('folder'), masks: ['*'], folders: true}), [
        'deep',
        'none',
        'one.txt',
        'two.jpg',
      ]);
      assert.deepEqual(await find(store, {masks: ['folder/*/'], folders: true}), [
        'folder/deep',
        'folder/none',
      ]);
      const partials = ['half.jangada-part', '*/half*', 'gone.jangada-part/**', '**/in/**'];
      for (const folders of [false, true]) {
        assert.deepEqual(await find(store, {masks: partials, folders}), []);
      }

      await assert.rejects(find(store, {masks: ['../*']}), {code: 'bad_mask'});
    },
  );

  check('digests and hashes are those of the bytes', async ({store}) => {
    for (const [name, bytes] of [
      ['large', large],
      ['small', small],
    ] as const) {
      const file = await store.open(at(name));
      const blocks = Math.ceil(bytes.length / blockSize);
      for (const algorithm of availableAlgorithms()) {
        const seen = new Map<number, string>();
        const spans =
          blocks > 1
            ? [
                {from: 0, to: 1},
                {from: 2, to: 3},
              ]
            : [{from: 0, to: 1}];
        await file.digests(
          {algorithm, spans},
          {
            ...client(),
            computed(first, digests) {
              for (let at = 0; at < digests.length; at += 32) {
                const digest = Buffer.from(digests.subarray(at, at + 32));
                seen.set(first + at / 32, digest.toString('hex'));
              }
            },
          },
        );
        const wanted = spans.map(({from}) => {
          const block = bytes.subarray(from * blockSize, (from + 1) * blockSize);
          return [from, digestOf(algorithm, block).toString('hex')] as const;
        });
        assert.deepEqual([...seen], wanted);
      }

      for (const length of [0, 5, bytes.length]) {
        const digest = await file.hash({algorithm: 'sha1', length}, {...client(), progress() {}});
        const expected = createHash('sha1').update(bytes.subarray(0, length)).digest('hex');
        assert.equal(digest, expected);
      }

      file.close();
    }
  });

  check(
    'a changed file has another version, and an open file reports the change',
    async subject => {
      const {store, write} = subject;
      // A file so large that the store cannot have read all of it when it was opened.
      const before = await store.open(at('large'));
      await write('large', patternedBytes(1000, 3));
      assert.equal(await before.unchanged(), false);
      const after = await store.open(at('large'));
      assert.notEqual(after.version, before.version);
      assert.equal(after.size, 1000);
      assert.notEqual(after.state, before.state ?? 'none');
      assert.equal(after.path, 'large');
      before.close();
      after.close();
    },
  );

  check('a path that is missing, or of another type, is refused with its code', async ({store}) => {
    const signal = new AbortController().signal;
    const calls: Record<string, (path: string) => unknown> = {
      stat: path => store.stat(at(path)),
      open: path => store.open(at(path)),
      list: path => Array.fromAsync(store.list(at(path), signal)),
      find: path => find(store, {path: at(path)}),
    };
    const cases: [string, string, string | undefined][] = [
      ['stat', 'missing', 'not_found'],
      ['stat', 'small/below', 'not_found'],
      ['open', 'missing', 'not_found'],
      ['open', 'folder', 'not_a_file'],
      ['open', '', 'not_a_file'],
      ['list', 'missing', 'not_found'],
      ['list', 'small', 'not_a_folder'],
      ['find', 'missing', 'not_found'],
      ['find', 'small', 'not_a_folder'],
      ...Object.keys(calls).flatMap(name =>
        ['half.jangada-part', 'gone.jangada-part', 'gone.jangada-part/in'].map(
          (path): [string, string, string] => [name, path, 'forbidden'],
        ),
      ),
      ['stat', 'gone.jangada-part/in/file', 'forbidden'],
      ['open', 'gone.jangada-part/in/file', 'forbidden'],
      ['open', 'half.jangada-part.d/half.jangada-part', 'forbidden'],
    ];
    for (const [name, path, code] of cases) {
      await assert.rejects(
        outcome(() => calls[name]?.(path)),
        {code},
        `${name} ${path}`,
      );
    }
  });

  check('names that are not UTF-8 are paths like any other', async ({store, hasRawNames}) => {
    const path = at(`${rawName}/${rawName}`);
    if (!hasRawNames) {
      await assert.rejects(
        outcome(() => store.stat(path)),
        {code: 'not_found'},
      );
      return;
    }

    assert.equal((await store.stat(path)).name, rawName);
    assert.deepEqual(
      (await list(store, rawName)).map(({name}) => name),
      [rawName],
    );
    const file = await store.open(path);
    const into = Buffer.alloc(3);
    assert.equal(await file.read(into, 0), 3);
    assert.equal(into.toString(), 'raw');
    file.close();
  });

  check('long work ends when its caller no longer waits', async ({store}) => {
    const stopped = {peer: 'here', signal: AbortSignal.abort()};
    await assert.rejects(Array.fromAsync(store.list(at(''), stopped.signal)), {code: 'aborted'});
    const search = {path: at(''), masks: ['**'], folders: false};
    await assert.rejects(Array.fromAsync(store.find(search, stopped)), {code: 'aborted'});
    const file = await store.open(at('large'));
    const spans = [{from: 0, to: 3}];
    const digests = file.digests({algorithm: 'sha256', spans}, {...stopped, computed() {}});
    await assert.rejects(digests, {code: 'aborted'});
    const question = {algorithm: 'sha1', length: file.size} as const;
    await assert.rejects(file.hash(question, {...stopped, progress() {}}), {code: 'aborted'});
    file.close();
  });
}
