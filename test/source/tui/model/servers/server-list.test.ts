import assert from 'node:assert/strict';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {ServerBook} from '../../../../../source/servers/server-book.ts';
import {type LeftWork, Sessions} from '../../../../../source/servers/sessions.ts';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {LimitSettings} from '../../../../../source/transfers/queue/queue.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {ServerList} from '../../../../../source/tui/model/servers/server-list.ts';
import {temporaryFolder, until} from '../../../../fixtures/harness.ts';

const at = parseAddress;

function listOf(t: TestContext, left: LeftWork[] = []): {book: ServerBook; list: ServerList} {
  let nowMs = 0;
  const book = new ServerBook(undefined, () => ++nowMs);
  const list = new ServerList(
    {book, sessions: {left: () => inSteps(left), queuesVersion: 1}},
    new Repainter(),
  );
  t.after(() => list.close());
  return {book, list};
}

/** `left` in several steps, as for a long queue. */
function* inSteps(left: LeftWork[]): Generator<undefined, LeftWork[]> {
  yield;
  yield;
  return left;
}

const rowsOf = ({rows}: ServerList) => rows.map(({kind, server}) => `${kind} ${server}`);

suite('the list of servers', () => {
  test('has bookmarks by name, then the newest, then queues of servers that were never opened', async t => {
    const {book, list} = listOf(t, [
      {address: at('new:1'), waiting: 0, paused: 1, failed: 2, bytes: 0},
      {address: at('queued:1'), waiting: 3, paused: 0, failed: 0, bytes: 9},
    ]);
    book.used(at('old:1'));
    book.used(at('new:1'));
    book.name(at('b:1'), 'name 10');
    book.name(at('c:1'), 'name 9');
    list.read();
    const known = ['bookmark c:1', 'bookmark b:1', 'recent new:1', 'recent old:1'];
    assert.deepEqual(rowsOf(list), [...known, 'local 127.0.0.1:1234']);
    await until(() => list.rows.length === 6);
    assert.deepEqual(rowsOf(list), [...known, 'queued queued:1', 'local 127.0.0.1:1234']);
    assert.deepEqual(
      list.rows.map(({left}) => left?.waiting),
      [undefined, undefined, 0, undefined, 3, undefined],
    );
  });

  test('offers the hosts of ssh after the known servers, as they are at each reading, and none twice', async t => {
    let hosts = ['ssh://nas', 'ssh://gate', 'ssh://queued'];
    const book = new ServerBook(
      undefined,
      () => 1,
      () => hosts.map(host => at(host)),
    );
    const left = [{address: at('ssh://queued'), waiting: 1, paused: 0, failed: 0, bytes: 0}];
    const list = new ServerList(
      {book, sessions: {left: () => inSteps(left), queuesVersion: 1}},
      new Repainter(),
    );
    t.after(() => list.close());
    book.used(at('ssh://gate'));
    list.read();
    await until(() => rowsOf(list).includes('queued ssh://queued'));
    assert.deepEqual(rowsOf(list), [
      'recent ssh://gate',
      'queued ssh://queued',
      'ssh ssh://nas',
      'local 127.0.0.1:1234',
    ]);
    hosts = [];
    list.read();
    assert.ok(!rowsOf(list).includes('ssh ssh://nas'));
  });

  test('offers this machine only as long as it is not in the list', t => {
    const {book, list} = listOf(t);
    list.read();
    assert.deepEqual(rowsOf(list), ['local 127.0.0.1:1234']);
    book.used(at('127.0.0.1'));
    list.read();
    assert.deepEqual(rowsOf(list), ['recent 127.0.0.1:1234']);
  });

  test('keeps the cursor on its server, wherever that moves', t => {
    const {book, list} = listOf(t);
    for (const host of ['a', 'b', 'c']) {
      book.used(at(host));
    }

    list.read();
    list.move({by: 'row', count: 1}, 10);
    assert.equal(list.current?.address.host, 'b');
    list.name(at('b'), 'B');
    assert.equal(list.cursor, 0);
    assert.equal(list.current?.address.host, 'b');
    book.used(at('d'));
    list.read();
    assert.equal(list.current?.address.host, 'b');
    list.move({to: 'bottom'}, 10);
    list.forget(at('a'));
    assert.equal(list.current?.kind, 'local');
    list.move({by: 'page', count: -1}, 10);
    assert.equal(list.cursor, 0);
  });

  test('reads the queues again only when another program has changed them', async t => {
    const file = join(temporaryFolder(t), 'queue.db');
    using store = new QueueStore(file);
    using other = new QueueStore(file);
    const sessions = new Sessions({store, limits: new LimitSettings(), retries: 0});
    let reads = 0;
    const list = new ServerList(
      {
        book: new ServerBook(undefined),
        sessions: {
          left() {
            reads++;
            return sessions.left();
          },
          get queuesVersion() {
            return sessions.queuesVersion;
          },
        },
      },
      new Repainter(),
    );
    t.after(() => list.close());
    list.read();
    await until(() => reads === 1);
    const path = parseRemotePath('a');
    const transfer = {
      remotePath: path,
      folder: '/d',
      localPath: 'a',
      size: 9,
      onConflict: 'fail',
    } as const;
    other.add('queued:1', [transfer]);
    await until(() => list.rows[0]?.left?.waiting === 1);
    other.add('queued:1', [{...transfer, localPath: 'b'}]);
    await until(() => list.rows[0]?.left?.waiting === 2);
    assert.equal(list.rows[0]?.left?.bytes, 18);
    assert.ok(reads <= 3, `${reads} times for two changes`);
  });

  test('reads nothing after it is closed', async () => {
    let steps = 0;
    const left = function* (): Generator<undefined, LeftWork[]> {
      steps++;
      yield;
      return [];
    };
    const list = new ServerList(
      {book: new ServerBook(undefined), sessions: {left, queuesVersion: 1}},
      new Repainter(),
    );
    list.read();
    list.close();
    list.read();
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(steps, 0);
  });
});
