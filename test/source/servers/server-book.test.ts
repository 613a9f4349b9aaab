import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {formatAddress, parseAddress} from '../../../protocol/address.ts';
import {ServerBook} from '../../../source/servers/server-book.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runAtOnce} from '../../fixtures/run-at-once.ts';

const at = parseAddress;
const addresses = (book: ServerBook): string[] =>
  book.list().map(({address}) => formatAddress(address).replace('jangada://', ''));

suite('the servers that a user knows', () => {
  test('are kept for the next start, each once, with the folder that was shown last', t => {
    const folder = join(temporaryFolder(t), 'state');
    const book = new ServerBook(folder, () => 1000);
    assert.deepEqual(book.list(), []);
    book.used(at('files.example.org/fotos'));
    book.used(at('192.0.2.7:99'));
    book.used(at('files.example.org/fotos/2025/com%20espa%C3%A7o'));
    assert.deepEqual(new ServerBook(folder).list(), [
      {address: at('files.example.org/fotos/2025/com espaço'), usedMs: 1000, label: undefined},
      {address: at('192.0.2.7:99'), usedMs: 1000, label: undefined},
    ]);
    assert.equal(book.trouble, undefined);
  });

  test('are readable only by their user, and no other files are left beside the list', t => {
    const folder = temporaryFolder(t);
    new ServerBook(folder).used(at('h:1/a'));
    assert.equal(statSync(join(folder, 'servers.json')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).sort(), ['locks', 'servers.json']);
  });

  test('are the 50 that were used last, and any number of bookmarks', t => {
    const folder = temporaryFolder(t);
    let nowMs = 0;
    const book = new ServerBook(folder, () => ++nowMs);
    for (let index = 0; index < 60; index++) {
      book.used(at(`h${index}`));
      if (index < 5) {
        book.name(at(`h${index}`), `name ${index}`);
      }
    }

    const servers = new ServerBook(folder).list();
    assert.equal(servers.filter(({label}) => label !== undefined).length, 5);
    const recent = servers.filter(({label}) => label === undefined);
    assert.deepEqual(
      recent.map(({address}) => address.host),
      Array.from({length: 50}, (_, index) => `h${59 - index}`),
    );
  });

  test('a bookmark keeps its name when it is used, and becomes a recent server when it loses its name', t => {
    const folder = temporaryFolder(t);
    const book = new ServerBook(folder, () => 7);
    book.name(at('h:1'), 'Home');
    book.used(at('h:1/a'));
    assert.deepEqual(book.list(), [{address: at('h:1/a'), usedMs: 7, label: 'Home'}]);
    book.name(at('h:1'), undefined);
    assert.deepEqual(book.list(), [{address: at('h:1/a'), usedMs: 7, label: undefined}]);
    book.forget(at('h:1'));
    assert.deepEqual(book.list(), []);
  });

  test('a bookmark that was never used is removed when it loses its name', t => {
    const book = new ServerBook(temporaryFolder(t));
    book.name(at('h:1'), 'Home');
    assert.deepEqual(book.list(), [{address: at('h:1'), usedMs: undefined, label: 'Home'}]);
    book.name(at('h:1'), undefined);
    assert.deepEqual(book.list(), []);
  });

  test('no process undoes what another process has written', async t => {
    const folder = temporaryFolder(t);
    const source = new URL('../../../source/servers/server-book.ts', import.meta.url);
    const names = ['a', 'b', 'c', 'd'];
    await runAtOnce(
      `const {ServerBook} = await import(${JSON.stringify(source.href)});
      const [folder, name] = words;
      const book = new ServerBook(folder);
      await begin();
      for (let index = 0; index < 6; index++) {
        book.used({scheme: 'jangada', host: name + index, port: 1, path: ''});
      }
      while (book.trouble !== undefined) {
        // On a busy machine the others may have taken longer than a change waits.
        book.used({scheme: 'jangada', host: name + 5, port: 1, path: ''});
      }`,
      names.map(name => [folder, name]),
    );
    const wanted = names.flatMap(name => Array.from({length: 6}, (_, at) => `${name}${at}:1`));
    assert.deepEqual(addresses(new ServerBook(folder)).sort(), wanted.sort());
  });

  test('a damaged list is put aside and reported, and a new list begins', t => {
    for (const content of [
      '{"version":1,"servers":[{"addr',
      '[]',
      '{"version":1,"servers":7}',
      '',
    ]) {
      const folder = temporaryFolder(t);
      const file = join(folder, 'servers.json');
      writeFileSync(file, content);
      const book = new ServerBook(folder);
      assert.deepEqual(book.list(), []);
      assert.match(
        book.trouble ?? '',
        /is damaged\. With the next change jangada starts a new list/,
      );
      book.used(at('h'));
      assert.match(
        book.trouble ?? '',
        /was damaged\. jangada started a new list and keeps the damaged one as /,
      );
      assert.deepEqual(addresses(new ServerBook(folder)), ['h:1234']);
      const aside = readdirSync(folder).find(name => name.startsWith('servers.json.damaged-'));
      assert.equal(readFileSync(join(folder, aside ?? ''), 'utf8'), content);
    }
  });

  test('an entry without a valid address is left out, and a list of a newer version is not changed', t => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'servers.json');
    const servers = [{address: 'http://x'}, {address: 'jangada://h:5', usedMs: 3}];
    writeFileSync(file, JSON.stringify({version: 1, servers}));
    assert.deepEqual(addresses(new ServerBook(folder)), ['h:5']);

    const newer = JSON.stringify({version: 2, servers});
    writeFileSync(file, newer);
    const book = new ServerBook(folder);
    book.used(at('own'));
    assert.match(book.trouble ?? '', /servers\.json was written by a newer version of jangada/);
    assert.deepEqual(addresses(book), ['own:1234']);
    assert.equal(readFileSync(file, 'utf8'), newer);
  });

  test('a list that cannot be written is reported, counts in this process, and is written as soon as possible', t => {
    const parent = temporaryFolder(t);
    const folder = join(parent, 'state');
    writeFileSync(folder, 'in the way');
    const book = new ServerBook(folder);
    book.used(at('a'));
    book.name(at('b'), 'B');
    assert.match(book.trouble ?? '', /The list of servers could not be written: .*state/);
    assert.deepEqual(addresses(book).sort(), ['a:1234', 'b:1234']);
    rmSync(folder);
    mkdirSync(folder);
    new ServerBook(folder).used(at('other'));
    book.used(at('c'));
    assert.equal(book.trouble, undefined);
    const wanted = ['a:1234', 'b:1234', 'c:1234', 'other:1234'];
    assert.deepEqual(addresses(book).sort(), wanted);
    assert.deepEqual(addresses(new ServerBook(folder)).sort(), wanted);
  });

  test('without a folder the list ends with the process', () => {
    const book = new ServerBook(undefined);
    book.used(at('a'));
    assert.deepEqual(addresses(book), ['a:1234']);
    assert.equal(book.trouble, undefined);
  });
});
