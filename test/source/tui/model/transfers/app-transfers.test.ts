import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {Queue} from '../../../../../source/transfers/queue/queue.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {TransferList} from '../../../../../source/tui/model/transfers/transfer-list.ts';
import {noise, startHarness, temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {currentTransfer, left, openApp, right} from '../open-app.ts';

suite('transfers, without the view', () => {
  test('the cursor at the end of a long queue is on the last row when the whole queue is read', async t => {
    const database = join(temporaryFolder(t), 'queue.db');
    const harness = await startHarness(t);
    const {host, port} = harness.client.address;
    const store = new QueueStore(database);
    t.after(() => store[Symbol.dispose]());
    const transfers = Array.from({length: 3000}, (_, index) => {
      const remotePath = parseRemotePath(`f${index}`);
      const {target: folder} = harness;
      return {remotePath, folder, localPath: remotePath, onConflict: 'fail'} as const;
    });
    const ids = store.add(`${host}:${port}`, transfers).map(({id}) => id);
    store.orders.carryOut(`${host}:${port}`, {do: 'pause', which: ids});
    await using queue = new Queue({client: harness.client, store});
    const list = new TransferList(queue, new Repainter());
    t.after(() => list.close());
    assert.equal(list.view().queue.total, 3000);
    assert.ok(queue.size < 3000, `${queue.size} are read`);
    list.move({to: 'bottom'});
    assert.notEqual(list.view().position, 3000);
    await until(() => list.view().position === 3000);
    assert.equal(list.current()?.remotePath, 'f2999');
    assert.equal(list.find(parseRemotePath('f17'))?.id, ids[17]);

    // The cursor follows a moved transfer, even if two keys arrive before the next picture.
    queue.move(list.current()?.id ?? 0, -1);
    list.move({by: 'row', count: 1});
    assert.equal(list.current()?.remotePath, 'f2998');
    assert.equal(list.view().position, 3000);
  });

  test('the height of a queue does not count finished files, unless the queue has the keys', async t => {
    const names = Array.from({length: 9}, (_, index) => `f${index}`);
    const limit = 2_000_000;
    const content = Object.fromEntries(names.map(name => [name, noise(100_000)]));
    const {app, queue, type} = await openApp(t, content, {server: {limit}});
    const rows = () => app.view().layout.panes.transfers.rows;
    assert.equal(rows(), 1);
    type('\u0001d');
    // While the queue works, its height does not shrink with each file.
    const heights = new Set<number>();
    const end = queue.subscribe(() => {
      const {active, queued} = queue.totals();
      if (active + queued > 0) {
        heights.add(rows());
      }
    });
    await until(() => queue.totals().done === 9);
    end();
    assert.deepEqual([...heights], [9]);
    assert.equal(rows(), 3);
    type('3');
    assert.equal(rows(), 9);
    type('1');
    assert.equal(rows(), 3);
    type('3c');
    await until(() => rows() === 1);
  });

  test('marks stay while the user moves about, and d queues the marked files', async t => {
    const screen = await openApp(t, {'a/x': 'x', 'a/y': 'yy', 'b/z': 'zzz', top: 'top'});
    screen.type(right);
    await screen.ready();
    screen.type(' ');
    screen.type(left);
    await screen.ready();
    screen.type('j ');
    assert.deepEqual(screen.app.view().files.marks, {files: 1, folders: 1, bytes: 1});
    screen.type('d');
    await until(() => screen.app.view().transfers.queue.done === 2);
    assert.equal(readFileSync(join(screen.target, 'a/x'), 'utf8'), 'x');
    assert.equal(readFileSync(join(screen.target, 'b/z'), 'utf8'), 'zzz');
    assert.deepEqual(screen.app.view().files.marks, {files: 0, folders: 0, bytes: 0});
  });

  test('an existing file causes a question; Escape queues nothing and keeps the marks', async t => {
    const screen = await openApp(t, {a: 'there', b: 'there'});
    writeFileSync(join(screen.target, 'a'), 'here');
    screen.type('\u0001d');
    await until(() => screen.app.view().dialog !== undefined);
    assert.match(screen.app.view().dialog?.title ?? '', /a$/);
    screen.app.press({name: 'escape', text: ''});
    await until(() => screen.app.view().message !== undefined);
    assert.equal(screen.app.view().transfers.queue.total, 0);
    assert.equal(screen.app.view().files.marks.files, 2);
    assert.equal(readFileSync(join(screen.target, 'a'), 'utf8'), 'here');
  });

  test('one answer can be the answer for all', async t => {
    const screen = await openApp(t, {a: 'there', b: 'there', c: 'there'});
    for (const name of ['a', 'b', 'c']) {
      writeFileSync(join(screen.target, name), 'here');
    }

    screen.type('\u0001d');
    await until(() => screen.app.view().dialog !== undefined);
    screen.type('s');
    await until(() => screen.app.view().dialog?.title.endsWith('b') === true);
    screen.type('ao');
    await until(() => screen.app.view().transfers.queue.done === 2);
    const contents = ['a', 'b', 'c'].map(name => readFileSync(join(screen.target, name), 'utf8'));
    assert.deepEqual(contents, ['here', 'there', 'there']);
  });

  test('+ and - change the priority of a transfer, and the cursor follows it', async t => {
    const screen = await openApp(t, {a: '', b: '', c: ''});
    const ids = screen.queue.add(
      ['a', 'b', 'c'].map(name => ({
        remotePath: parseRemotePath(name),
        folder: screen.target,
        localPath: name,
        onConflict: 'resume' as const,
      })),
    );
    for (const id of ids) {
      screen.queue.pause(id);
    }

    const rows = () => screen.queue.snapshot().rows.map(row => `${row.remotePath} ${row.priority}`);
    const message = () => screen.app.view().message?.text ?? '';
    await until(() => screen.app.view().transfers.rows.length === 3);
    screen.type('3G+');
    assert.deepEqual(rows(), ['c high', 'a normal', 'b normal']);
    await until(() => screen.app.view().transfers.position === 1);
    assert.equal(currentTransfer(screen.app)?.remotePath, 'c');
    screen.type('+');
    assert.match(message(), /highest priority already/);
    screen.type('J');
    assert.match(message(), /the last of its priority/);
    screen.type('K');
    assert.match(message(), /the first of its priority/);
    screen.type('--');
    await until(() => screen.app.view().transfers.position === 3);
    assert.deepEqual(rows(), ['a normal', 'b normal', 'c low']);
    screen.type('-');
    assert.match(message(), /lowest priority already/);
    screen.type('gJ');
    await until(() => screen.app.view().transfers.position === 2);
    assert.deepEqual(rows(), ['b normal', 'a normal', 'c low']);
  });

  test('A retries all failed transfers, and no others', async t => {
    const screen = await openApp(t, {a: 'a', b: 'b', c: 'c'});
    for (const name of ['a', 'b']) {
      mkdirSync(join(screen.target, name, 'in the way'), {recursive: true});
    }

    screen.type('3A');
    assert.match(screen.app.view().message?.text ?? '', /Nothing has failed/);
    const [, , c = 0] = screen.queue.add(
      ['a', 'b', 'c'].map(name => ({
        remotePath: parseRemotePath(name),
        folder: screen.target,
        localPath: name,
        onConflict: 'resume' as const,
      })),
    );
    screen.queue.pause(c);
    await until(() => screen.queue.snapshot().failed === 2);
    await until(() => screen.app.view().transfers.queue.failed === 2);
    screen.type('G+');
    assert.equal(screen.queue.transfer(c)?.priority, 'high');
    for (const name of ['a', 'b']) {
      rmSync(join(screen.target, name), {recursive: true});
    }

    screen.type('A');
    assert.match(screen.app.view().message?.text ?? '', /Queued again: 2 transfers\./);
    await until(() => screen.queue.snapshot().done === 2);
    assert.equal(screen.queue.transfer(c)?.state.name, 'paused');
    screen.queue.resume(c);
    await until(() => screen.queue.snapshot().done === 3);
    screen.type('+');
    assert.match(screen.app.view().message?.text ?? '', /This transfer is over/);
  });
});
