/** Files that are handed to a writer whose answers the test gives. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import type {OpenFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import type {
  WriterAnswer,
  WriterRequest,
} from '../../../../../source/transfers/disk/writer/writer-messages.ts';
import type {WriterProcess} from '../../../../../source/transfers/disk/writer/writer-process.ts';
import {WrittenBeside} from '../../../../../source/transfers/download/small/written-beside.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {type Endings, smallFile} from '../../../../fixtures/small-group.ts';

type Sent = {
  request: WriterRequest;
  bytes: Buffer | undefined;
  /** The writer has the bytes: their memory is free. */
  sent: () => void;
  answer: (answer: WriterAnswer | undefined) => void;
};

/** @param path of the folder to which the files are saved. */
function startGroup(path = '/to') {
  const requests: Sent[] = [];
  const writer = {
    ...{isFull: false, letGo: 0},
    newGroup: () => 7,
    canTake: () => !writer.isFull,
    request(request: WriterRequest, bytes?: Buffer, sent: () => void = () => undefined) {
      return new Promise<WriterAnswer | undefined>(answer => {
        requests.push({request, bytes, sent, answer});
      });
    },
  };
  const beside = new WrittenBeside(writer as unknown as WriterProcess, () => writer.letGo++);
  const endings: Endings = new Map();
  const told: DownloadEvent[] = [];
  const before = freePlaces();
  /** Hand over a file with this content. */
  const add = (name: string, bytes: Uint8Array, fd: number | undefined = 3) => {
    const at = (of: string) => `${path}/${of}`;
    const folder = {fd, path, at} as OpenFolder;
    const file = smallFile(folder, name, bytes.length, endings, event => told.push(event));
    assert.ok(openFiles.take());
    const remote = {size: bytes.length, mtimeMs: 1000, version: 'v'};
    const isTaken = beside.add({file, remote, sha256: undefined}, bytes);
    if (!isTaken) {
      openFiles.give();
    }

    return isTaken;
  };
  /** The number of files in each message with files. */
  const written = () =>
    requests.flatMap(({request}) => (request.kind === 'write' ? [request.files.length] : []));
  const last = (): Sent => {
    const found = requests.at(-1);
    assert.ok(found);
    return found;
  };
  /** The writer has written all files of the last message in this way. */
  const answer = (...files: Extract<WriterAnswer, {kind: 'written'}>['files']) => {
    last().sent();
    last().answer({kind: 'written', files});
  };
  const isAllGivenBack = () => freePlaces() === before;
  return {beside, writer, requests, add, written, last, answer, endings, told, isAllGivenBack};
}

const turn = () => new Promise(setImmediate);
const ok = (ino: number) => ({dev: 999, ino});
const bytesOf = (length: number) => Buffer.alloc(length, 1);

/** Give the memory of all messages back, and end their files. */
async function endAll({beside, requests, isAllGivenBack}: ReturnType<typeof startGroup>) {
  const flushed = beside.flush();
  for (const {sent, answer, request} of requests) {
    if (request.kind === 'write') {
      sent();
      answer(undefined);
    }
  }

  await turn();
  requests.at(-1)?.answer({kind: 'flushed'});
  await flushed;
  assert.ok(isAllGivenBack());
}

test('a message has the names, sizes, times and bytes of its files, and leaves in the next turn', async () => {
  const started = startGroup();
  const {add, written, last} = started;
  assert.ok(add('a', Buffer.from('one')));
  assert.ok(add('b', Buffer.from('two2')));
  assert.deepEqual(written(), []);
  await turn();
  const {request, bytes} = last();
  const files = [
    ['a', 3, 1000],
    ['b', 4, 1000],
  ];
  assert.deepEqual(request, {kind: 'write', group: 7, folder: 3, files});
  assert.equal(bytes?.toString(), 'onetwo2');
  await endAll(started);
});

test('a message has at most 64 files, 256 KiB, and files of one folder', async () => {
  const many = startGroup();
  for (let index = 0; index < 65; index++) {
    many.add(`f${index}`, bytesOf(1));
  }

  assert.deepEqual(many.written(), [64]);
  await endAll(many);
  assert.deepEqual(many.written(), [64, 1]);

  const large = startGroup();
  for (let index = 0; index < 5; index++) {
    large.add(`f${index}`, bytesOf(65_536));
  }

  assert.deepEqual(large.written(), [4]);
  await endAll(large);

  const apart = startGroup();
  for (const [index, fd] of [3, 3, 4, 3].entries()) {
    apart.add(`f${index}`, bytesOf(1), fd);
  }

  assert.deepEqual(apart.written(), [2, 1]);
  assert.deepEqual(
    apart.requests.map(({request}) => request.kind === 'write' && request.folder),
    [3, 4],
  );
  await endAll(apart);
});

test('a file of more than 64 KiB, one for a folder without a descriptor, and one for which the writer has no room stay here', async () => {
  const started = startGroup();
  const {add, writer} = started;
  assert.equal(add('fits', bytesOf(65_536)), true);
  assert.equal(add('large', bytesOf(65_537)), false);
  const folder = {path: '/to'} as OpenFolder;
  const file = smallFile(folder, 'a', 1, new Map());
  const one = {file, remote: {size: 1, mtimeMs: 0, version: 'v'}, sha256: undefined};
  assert.equal(started.beside.add(one, bytesOf(1)), false);
  writer.isFull = true;
  assert.equal(add('more', bytesOf(1)), false);
  await endAll(started);
});

test('at most 32 messages have memory, and one that is sent gives its memory to the next', async () => {
  const started = startGroup();
  const {add, requests, written} = started;
  for (let message = 0; message < 32; message++) {
    for (let index = 0; index < 4; index++) {
      assert.equal(add(`f${message} ${index}`, bytesOf(65_536)), true);
    }
  }

  assert.equal(add('one more', bytesOf(1)), false);
  assert.equal(written().length, 32);
  requests[0]?.sent();
  requests[0]?.answer(undefined);
  assert.equal(add('one more', bytesOf(1)), true);
  requests.shift();
  await endAll(started);
});

test('each file ends by its own answer, and one without an answer is left', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const {add, answer, endings, beside, isAllGivenBack, last, told} = startGroup();
  for (const name of ['ok', 'taken', 'full', 'no descriptor', 'late', 'no answer']) {
    add(name, bytesOf(1));
  }

  const flushed = beside.flush();
  const late = {heldMs: 5, reason: 'x'};
  answer(
    ok(1),
    null,
    {code: 'ENOSPC', message: 'x'},
    {code: 'EMFILE', message: 'x'},
    {...ok(2), other: late},
  );
  await turn();
  assert.deepEqual(Object.fromEntries(endings), {
    ...{taken: 'leave', full: 'no_space', 'no descriptor': 'leave', 'no answer': 'leave'},
  });
  assert.deepEqual(
    told.filter(({type}) => type === 'time'),
    [{type: 'time', wantedMs: 1000, ...late}],
  );
  const failed = told.find(event => event.type === 'failed');
  assert.match(failed?.error.message ?? '', /^\/to\/full\.jangada-part: the disk is full/);
  last().answer({kind: 'flushed'});
  await flushed;
  assert.deepEqual(
    beside.files.map(({file}) => file.name),
    ['ok', 'late'],
  );
  const named = beside.name(undefined);
  last().answer({kind: 'named', files: ['named', 'named']});
  await named;
  // Until then no place is given out, because a descriptor was missing.
  t.mock.timers.tick(100);
  assert.ok(isAllGivenBack());
});

test('a flush waits for all files to be written, and its error is that of the disk', async () => {
  const {add, answer, beside, last, requests} = startGroup();
  add('a', bytesOf(1));
  const flushed = beside.flush();
  await turn();
  assert.equal(requests.length, 1, 'it is not flushed before it is written');
  answer(ok(1));
  await turn();
  assert.deepEqual(last().request, {kind: 'flush', group: 7});
  last().answer({kind: 'flushed', error: {code: 'EIO', message: 'x'}});
  await assert.rejects(flushed, {code: 'local_io', message: /the disk reports an error$/});
  const named = beside.name({error: new Error('x')});
  last().answer({kind: 'named', files: []});
  await named;
});

test('files that could not be flushed all fail with that error, and none gets a name', async () => {
  const {add, answer, beside, last, endings, writer, isAllGivenBack} = startGroup();
  add('a', bytesOf(1));
  add('b', bytesOf(1));
  void beside.flush().catch(() => undefined);
  answer(ok(1), ok(2));
  await turn();
  const named = beside.name({error: new JangadaError('no_space', 'x')});
  assert.deepEqual(last().request, {kind: 'name', group: 7, files: []});
  last().answer({kind: 'named', files: []});
  assert.deepEqual(await named, []);
  assert.deepEqual(Object.fromEntries(endings), {a: 'no_space', b: 'no_space'});
  assert.equal(writer.letGo, 1);
  assert.ok(isAllGivenBack());
});

test('after a failed flush no partial stays, also of a file that nobody wants any more', async t => {
  const folder = temporaryFolder(t);
  const places = ['a', 'paused'].map(name => join(folder, `${name}.jangada-part`));
  for (const place of places) {
    writeFileSync(place, 'x');
  }

  const {add, answer, beside, last, endings, isAllGivenBack} = startGroup(folder);
  add('a', bytesOf(1));
  add('paused', bytesOf(1));
  void beside.flush().catch(() => undefined);
  answer(...places.map(place => statSync(place)).map(({dev, ino}) => ({dev, ino})));
  await turn();
  endings.set('paused', 'paused');
  const named = beside.name({error: new JangadaError('local_io', 'x')});
  last().answer({kind: 'named', files: []});
  assert.deepEqual(await named, []);
  assert.deepEqual(Object.fromEntries(endings), {a: 'local_io', paused: 'paused'});
  assert.deepEqual(readdirSync(folder), []);
  assert.ok(isAllGivenBack());
});

test('each wanted file is named by its number in the group, and one that is not named says why', async () => {
  const {add, answer, beside, last, endings, told, writer, isAllGivenBack} = startGroup();
  for (const name of ['a', 'canceled', 'replaced', 'exists', 'b']) {
    add(name, bytesOf(1));
  }

  const flushed = beside.flush();
  answer(ok(1), ok(2), ok(3), ok(4), ok(5));
  await turn();
  last().answer({kind: 'flushed'});
  await flushed;
  endings.set('canceled', 'canceled');
  const named = beside.name(undefined);
  assert.deepEqual(last().request, {
    ...{kind: 'name', group: 7},
    files: [0, 2, 3, 4].map(index => [3, index, false]),
  });
  assert.equal(writer.letGo, 0);
  last().answer({
    kind: 'named',
    files: ['named', 'replaced', {code: 'EEXIST', message: 'x'}, 'named'],
  });
  assert.deepEqual(
    (await named).map(({file}) => file.name),
    ['a', 'b'],
  );
  assert.equal(writer.letGo, 1);
  assert.deepEqual(Object.fromEntries(endings), {
    ...{canceled: 'canceled', replaced: 'unsafe_target', exists: 'exists'},
  });
  const failed = told.flatMap(event => (event.type === 'failed' ? [event.error.message] : []));
  assert.ok(failed.includes('/to/exists: it exists already'), `${failed}`);
  assert.deepEqual(beside.files, []);
  assert.ok(isAllGivenBack());
});
