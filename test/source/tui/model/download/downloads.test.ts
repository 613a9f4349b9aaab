import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Address} from '../../../../../protocol/address.ts';
import {rootDigest} from '../../../../../protocol/block.ts';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../../protocol/messages.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Queue} from '../../../../../source/transfers/queue/queue.ts';
import {App} from '../../../../../source/tui/model/app.ts';
import {Dialogs} from '../../../../../source/tui/model/dialogs.ts';
import {parentRow} from '../../../../../source/tui/model/files/files-view.ts';
import {path, startHarness, temporaryFolder, treeOf, until} from '../../../../fixtures/harness.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';
import {openApp} from '../open-app.ts';

const root = rootDigest('sha256', Buffer.alloc(0)).toString('hex');

test('a folder with bad names and unsearchable places is fetched without them, and they are reported', async t => {
  const names = ['good', 'x.jangada-part', '../evil', 'good'];
  const entryOf = (name: string, type: string) => ({name, type, size: 0, mtimeMs: 0});
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.list || kind === frameKinds.find) {
      const entries =
        kind === frameKinds.list
          ? [entryOf('sub', 'folder')]
          : names.map(name => entryOf(name, 'file'));
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      const first = [{name: 'secret', code: 'forbidden'}] as const;
      const unsearched = kind === frameKinds.find ? {count: 1, first: [...first]} : undefined;
      socket.write(encodeAnswer('end', {count: entries.length, bytes: 0, unsearched}));
    } else {
      socket.write(encodeAnswer('file', {size: 0, mtimeMs: 0, version: 'v'}));
      socket.write(encodeAnswer('end', {size: 0, version: 'v', root}));
    }
  });
  const {app, queue, folder} = await openAt(t, address);
  app.press({name: 'd', text: 'd'});
  await until(() => queue.totals().done === 1);
  const {text, tone} = app.view().message ?? {};
  assert.deepEqual(
    {text, tone},
    {
      text:
        `Queued good to ${join(folder, 'sub')}. The server could not search 1 place: sub/secret. ` +
        'Refused 3 bad names: x.jangada-part, ../evil, good.',
      tone: 'bad',
    },
  );
  assert.deepEqual([...treeOf(folder).keys()], ['sub/good']);
});

test('with a policy from the command line, no question is asked about existing files', async t => {
  const {client, queue, serve, target} = await startHarness(t);
  serve('a', 'new');
  serve('b', 'new');
  mkdirSync(target, {recursive: true});
  writeFileSync(join(target, 'a'), 'old');
  const size = {columns: 120, rows: 40};
  const common = {client, queue, folder: target, startPath: path(''), size};
  const app = new App({...common, suspend: async () => false, onConflict: 'skip'});
  t.after(() => app.close());
  await until(() => !app.view().files.loading);
  for (const name of ['a', 'd']) {
    app.press({name, text: name});
  }

  await until(() => queue.totals().done === 1);
  assert.equal(app.view().dialog, undefined);
  assert.equal(readFileSync(join(target, 'a'), 'utf8'), 'old');
  assert.equal(readFileSync(join(target, 'b'), 'utf8'), 'new');
});

const endings = [
  {kind: 'a file', names: ['a', 'b'], marked: 0},
  {kind: 'marked files', names: ['a', 'b'], marked: 2},
] as const;
for (const {kind, names, marked} of endings) {
  test(`a download of ${kind} that is canceled at a question does not change the marks`, async t => {
    const screen = await openApp(t, Object.fromEntries(names.map(name => [name, 'new'])));
    const {app, target} = screen;
    for (const name of names) {
      writeFileSync(join(target, name), 'old');
    }

    screen.type(' '.repeat(marked));
    const before = app.view().files.marks;
    assert.equal(before.files, marked);
    screen.type('d');
    await until(() => app.view().dialog !== undefined);
    app.press({name: 'escape', text: ''});
    await until(() => app.view().message?.text === 'Stopped; nothing was queued.');
    assert.deepEqual(app.view().files.marks, before);
  });
}

test('a file that is known to be the same causes no question, until one of both files has changed', async t => {
  const screen = await openApp(t, {'a.txt': 'a raft'});
  const {app, queue, root, target} = screen;
  const said = () => app.view().message?.text;
  screen.type('d');
  await until(() => queue.totals().done === 1);
  screen.type('d');
  await until(() => said() === 'a.txt is here already, and the same: nothing to download.');
  assert.equal(app.view().dialog, undefined);
  assert.equal(queue.totals().total, 1);

  const isAsked = async () => {
    screen.type('d');
    await until(() => app.view().dialog !== undefined);
    screen.type('s');
    await until(() => app.view().dialog === undefined);
  };
  // Another content of the same size and times.
  const {atime, mtime} = statSync(join(target, 'a.txt'));
  writeFileSync(join(target, 'a.txt'), 'a boat');
  utimesSync(join(target, 'a.txt'), atime, mtime);
  await isAsked();
  screen.type('d');
  await until(() => app.view().dialog !== undefined);
  screen.type('o');
  await until(() => queue.totals().done === 2);
  screen.type('d');
  await until(() => said()?.includes('nothing to download') === true);
  writeFileSync(join(root, 'a.txt'), 'another raft');
  screen.type('r');
  await until(() => app.view().files.rows.some(row => row !== parentRow && row.bytes === 12));
  await isAsked();
});

test('a file that has changed on the server since its folder was read causes a question with its present size', async t => {
  const screen = await openApp(t, {'a.txt': 'a raft'});
  const {app, queue, root} = screen;
  screen.type('d');
  await until(() => queue.totals().done === 1);
  writeFileSync(join(root, 'a.txt'), 'another raft');
  for (const keys of ['d', ' d']) {
    screen.type(keys);
    await judged(app);
    assert.match(`${app.view().dialog?.body[1]}`, /^there {2}12 B, .*/);
    screen.type('s');
    await until(() => app.view().dialog === undefined);
  }

  assert.equal(queue.totals().total, 1);
});

test('a file is known to be the same although the listing has an older size', async t => {
  const screen = await openApp(t, {'a.txt': 'a raft'});
  const {app, queue, root} = screen;
  writeFileSync(join(root, 'a.txt'), 'another raft');
  screen.type('d');
  await until(() => queue.totals().done === 1);
  screen.type('d');
  await judged(app);
  assert.equal(app.view().dialog, undefined);
  assert.equal(
    app.view().message?.text,
    'a.txt is here already, and the same: nothing to download.',
  );
});

test('without the server, a question is asked about a file that was the same', async t => {
  const screen = await openApp(t, {'a.txt': 'a raft'}, {client: {retries: 1000}});
  const {app, queue, server} = screen;
  screen.type('d');
  await until(() => queue.totals().done === 1);
  await server.close({graceMs: 0});
  screen.type('d');
  await judged(app);
  assert.match(`${app.view().dialog?.title}`, /^Here already: a\.txt/);
});

test('the wait for a server that does not say whether a file has changed can be stopped', async t => {
  const address = await startSilentServer(t, 'file');
  const {app, queue} = await openAt(t, address);
  const said = () => app.view().message?.text;
  app.press({name: 'd', text: 'd'});
  await until(() => queue.totals().done === 1);
  app.press({name: 'd', text: 'd'});
  const waiting = 'Asking whether the files on the server have changed. Esc stops.';
  await until(() => said() === waiting || app.view().dialog !== undefined);
  assert.equal(said(), waiting);
  app.press({name: 'escape', text: ''});
  await until(() => said() === 'Stopped; nothing was queued.');
  assert.equal(queue.totals().total, 1);
});

test('the server is not asked again about files of a folder that was searched for this download', async t => {
  const address = await startSilentServer(t, 'folder');
  const {app, queue} = await openAt(t, address);
  app.press({name: 'd', text: 'd'});
  await until(() => queue.totals().done === 1);
  app.press({name: 'd', text: 'd'});
  await until(() => /^Asking|nothing to download/.test(app.view().message?.text ?? ''));
  const said = 'a is here already, and the same: nothing to download.';
  assert.equal(app.view().message?.text, said);
});

/** A server of one empty file, or of a folder with that file. It does not answer `stat`. */
async function startSilentServer(t: TestContext, type: 'file' | 'folder'): Promise<Address> {
  const facts = {size: 0, mtimeMs: 0};
  return await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.list || kind === frameKinds.find) {
      const entries = [{name: 'a', type: kind === frameKinds.find ? 'file' : type, ...facts}];
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      socket.write(encodeAnswer('end', {count: 1, bytes: 0}));
    } else if (kind === frameKinds.get) {
      socket.write(encodeAnswer('file', {...facts, version: 'v'}));
      socket.write(encodeAnswer('end', {version: 'v', root}));
    }
  });
}

/** The interface for the server at `address`. */
async function openAt(t: TestContext, address: Address) {
  const client = new Client(address);
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const folder = temporaryFolder(t);
  const size = {columns: 200, rows: 40};
  const suspend = async () => false;
  const app = new App({client, queue, folder, startPath: path(''), size, suspend});
  t.after(() => app.close());
  await until(() => !app.view().files.loading);
  return {app, queue, folder};
}

/** Resolves when the user is asked about a file, or is told that it is the same. */
async function judged(app: App): Promise<void> {
  const isSame = () => app.view().message?.text.endsWith('nothing to download.') === true;
  await until(() => app.view().dialog !== undefined || isSame());
}

/** A folder whose search waits, with a local file that is in the way. */
async function openWaiting(t: TestContext) {
  const screen = await openApp(t, {'in/a': 'theirs'});
  mkdirSync(join(screen.target, 'in'));
  writeFileSync(join(screen.target, 'in/a'), 'mine');
  const gate = Promise.withResolvers<void>();
  const {client} = screen;
  const find = client.find.bind(client);
  const searches = t.mock.method(
    client,
    'find',
    async function* (...words: Parameters<Client['find']>) {
      await gate.promise;
      yield* find(...words);
    },
  ).mock;
  return {screen, searches, release: gate.resolve};
}

test('a question that comes while a line is typed waits for its end, and takes none of its keys', async t => {
  const {screen, release} = await openWaiting(t);
  const {app, target} = screen;
  const asked = t.mock.method(Dialogs.prototype, 'ask').mock;
  screen.type('d/o');
  release();
  await until(() => asked.callCount() === 1);
  assert.equal(app.view().dialog, undefined);
  screen.type('O');
  assert.deepEqual([app.view().dialog, app.view().prompt?.text], [undefined, 'oO']);
  app.press({name: 'escape', text: ''});
  await until(() => app.view().dialog !== undefined);
  // Enter was meant for the files.
  screen.type('\r');
  assert.notEqual(app.view().dialog, undefined);
  app.press({name: 'escape', text: ''});
  await until(() => app.view().message?.text === 'Stopped; nothing was queued.');
  assert.equal(readFileSync(join(target, 'in/a'), 'utf8'), 'mine');
});

test('no download begins after the screen is closed', async t => {
  const {screen, searches, release} = await openWaiting(t);
  screen.type('dd');
  await until(() => searches.callCount() === 1);
  screen.app.close();
  release();
  // Long enough for the search of another download to begin.
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.deepEqual([searches.callCount(), screen.queue.totals().total], [1, 0]);
});

test('a repair that cannot be queued is a message', async t => {
  const screen = await openApp(t, {a: 'boat'});
  const {app, queue, target} = screen;
  writeFileSync(join(target, 'a'), 'goat');
  screen.type('v');
  await until(() => app.view().verifier.state.name === 'compared');
  t.mock.method(queue, 'add', () => {
    throw new JangadaError('local_io', 'The queue cannot be written now');
  });
  screen.type('R');
  assert.deepEqual(app.view().message?.text, 'The queue cannot be written now');
});
