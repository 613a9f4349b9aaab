import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {path, until} from '../../../../fixtures/harness.ts';
import {currentTransfer, openApp} from '../../model/open-app.ts';

const up = '\u001b[A';
const files = {
  'boats/sail.txt': 'white',
  'boats/old/jib.txt': 'grey',
  'my boats/keel.txt': 'iron',
  'sea.txt': 'blue',
};

suite('the command line', () => {
  test('list goes to a folder, and to a file in its folder', async t => {
    const screen = await openApp(t, files);
    screen.type(':list boats/old\r');
    await until(() => screen.app.view().files.path === 'boats/old');
    screen.type(`:list '/my boats/keel.txt'\r`);
    await until(() => screen.current() === 'keel.txt');
  });

  test('sget and mget download the named files, each to its one place', async t => {
    const screen = await openApp(t, files);
    screen.type(':sget boats/sail.txt\r');
    await until(() => screen.queue.totals().done === 1);
    assert.match(currentTransfer(screen.app)?.target ?? '', /\/boats\/sail\.txt$/);
    screen.type(':list boats\r');
    await until(() => screen.app.view().files.path === 'boats' && !screen.app.view().files.loading);
    screen.type(':mget **/*.txt !sail*\r');
    await until(() => screen.queue.totals().done === 2);
    assert.ok(
      screen.queue.find(path('boats/old/jib.txt'))?.target.endsWith('/target/boats/old/jib.txt'),
    );
  });

  test('cget fetches what differs, and hash compares the first bytes', async t => {
    const screen = await openApp(t, files);
    mkdirSync(join(screen.target, 'boats'), {recursive: true});
    writeFileSync(join(screen.target, 'boats', 'sail.txt'), 'whale');
    screen.type(':hash boats/sail.txt:2\r');
    await until(() => screen.app.view().verifier.hash.name === 'hashed');
    const {hash} = screen.app.view().verifier;
    assert.ok(hash.name === 'hashed' && hash.equal && hash.localLength === 2);
    screen.type(':cget boats/sail.txt\r');
    await until(() => screen.queue.totals().done === 1);
    screen.type(':hash boats/sail.txt\r');
    await until(() => {
      const {hash, path} = screen.app.view().verifier;
      return (
        path === 'boats/sail.txt' && hash.name === 'hashed' && hash.equal && hash.localLength > 2
      );
    });
  });

  test('hash of a file without a local copy shows the digest of the remote file, up to the position', async t => {
    const screen = await openApp(t, files);
    const there = () => {
      const {hash} = screen.app.view().verifier;
      return hash.name === 'hashedThere' ? [hash.length, hash.there] : undefined;
    };
    screen.type(':hash boats/sail.txt:2\r');
    await until(() => there() !== undefined);
    const text = files['boats/sail.txt'];
    const sha256 = (of: string) => createHash('sha256').update(of).digest('hex');
    assert.deepEqual(there(), [2, sha256(text.slice(0, 2))]);
    assert.equal(screen.app.view().focus, 'verifier');
    // The position can be changed, like that of any other file.
    screen.type('p\r');
    await until(() => there()?.[0] === text.length);
    assert.deepEqual(there(), [text.length, sha256(text)]);
  });

  test('reports what is wrong, and stays open', async t => {
    const {app, type} = await openApp(t, files);
    for (const [line, complaint] of [
      ['fetch a', /Unknown command fetch: list, sget, mget, hash, cget/],
      ['sget', /^Type sget NAME\.$/],
      ['sget my boats', /^Type sget NAME\. A name with spaces/],
      ['sget none', /no \/none on the server/],
      ['sget boats', /\/boats is not a file\. For all/],
      ['mget !*.tmp', /only leaves files out/],
      ['mget {a', /is not a valid mask/],
      ['hash sea.txt:99999999999999999999', /Invalid position/],
      ['list ../x', /leads above/],
    ] as const) {
      type(`:\u0015${line}\r`.slice(app.view().prompt === undefined ? 0 : 1));
      await until(() => complaint.test(app.view().prompt?.complaint ?? ''));
    }
  });

  test('Tab completes commands and names, and quotes them', async t => {
    const {app, type} = await openApp(t, files);
    const shows = (text: string) => until(() => app.view().prompt?.text === text);
    type(':s\t');
    await shows('sget ');
    type('boats/s\t');
    await shows('sget boats/sail.txt');
    type('\u0015sget my\t');
    await shows(`sget 'my boats/'`);
    type('\t');
    await shows(`sget 'my boats/keel.txt'`);
    type('\u0015q\t');
    await shows('quit');
    type('\u0015hash');
    assert.match(app.view().prompt?.hint ?? '', /^hash NAME\[:POS\]: hash the first/);
  });

  test('the up key recalls earlier lines, and quit quits', async t => {
    const screen = await openApp(t, files);
    screen.type(':list boats\r');
    await until(() => screen.app.view().files.path === 'boats');
    screen.type(':list /\r');
    await until(() => screen.app.view().files.path === '');
    screen.type(`:${up}${up}\r`);
    await until(() => screen.app.view().files.path === 'boats');
    screen.type(':quit\r');
    await screen.app.left;
  });
});
