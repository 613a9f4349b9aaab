import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {App} from '../../../../source/tui/model/app.ts';
import {parentRow} from '../../../../source/tui/model/files/files-view.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {TransferList} from '../../../../source/tui/model/transfer-list.ts';
import {KeyParser} from '../../../../source/tui/terminal/key-parser.ts';
import {
  type Harness,
  type HarnessOptions,
  noise,
  startHarness,
  temporaryFolder,
  until,
} from '../../../fixtures/harness.ts';

const size = {columns: 120, rows: 40};

type Screen = Harness & {
  app: App;
  /** Keys as a terminal sends them, all in one read. */
  type(keys: string): void;
  names(): string[];
  /** The name under the cursor. */
  current(): string;
  ready(): Promise<void>;
};

async function openApp(
  t: TestContext,
  files: Record<string, string | Uint8Array>,
  options: HarnessOptions = {},
): Promise<Screen> {
  const harness = await startHarness(t, options);
  for (const [name, content] of Object.entries(files)) {
    harness.serve(name, content);
  }

  mkdirSync(harness.target, {recursive: true});
  const {client, queue, target} = harness;
  const app = new App({client, queue, folder: target, startPath: parseRemotePath(''), size});
  t.after(() => app.close());
  const names = () => app.view().files.rows.map(row => (row === parentRow ? '..' : row.name));
  const screen: Screen = {
    ...harness,
    app,
    names,
    type(keys) {
      for (const input of new KeyParser().push(keys)) {
        if (input.type === 'key') {
          app.press(input.key);
        }
      }
    },
    current: () => names()[app.view().files.cursor] ?? '',
    ready: () => until(() => !app.view().files.loading),
  };
  await screen.ready();
  return screen;
}

/** The transfer under the cursor. */
function currentTransfer(app: App) {
  const {rows, cursor} = app.view().transfers;
  return rows[cursor];
}

const down = '\u001b[B';
const left = '\u001b[D';
const right = '\u001b[C';

suite('the interface, without its pictures', () => {
  test('folders open and close with the arrows, and the cursor comes back to where it was', async t => {
    const screen = await openApp(t, {'a/1': '', 'b/2': '', 'b/c/3': '', 'z.txt': ''});
    assert.deepEqual(screen.names(), ['a/', 'b/', 'z.txt']);
    screen.type(down + right);
    await screen.ready();
    assert.deepEqual(screen.names(), ['..', 'c/', '2']);
    assert.equal(screen.current(), 'c/');
    screen.type(right);
    await screen.ready();
    screen.type(left);
    await screen.ready();
    assert.equal(screen.current(), 'c/');
    screen.type(left);
    await screen.ready();
    assert.equal(screen.current(), 'b/');
    screen.type(left);
    assert.match(screen.app.view().message?.text ?? '', /top of what the server shares/);
  });

  test('the end of a long queue is where the cursor is once all of it is read', async t => {
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

    // A transfer takes the cursor along, also when two keys come before the next picture.
    queue.move(list.current()?.id ?? 0, -1);
    list.move({by: 'row', count: 1});
    assert.equal(list.current()?.remotePath, 'f2998');
    assert.equal(list.view().position, 3000);
  });

  test('thirty keys in one read move thirty rows', async t => {
    const files = Object.fromEntries(Array.from({length: 50}, (_, index) => [`f${index}`, '']));
    const screen = await openApp(t, files);
    screen.type('j'.repeat(30));
    assert.equal(screen.current(), 'f30');
  });

  test('keys that are typed before a folder has come count once it is there', async t => {
    const files = Object.fromEntries(Array.from({length: 9}, (_, index) => [`d${index}/e/f`, '']));
    const screen = await openApp(t, files);
    screen.type('jjjll');
    await until(() => screen.current() === 'f');
    screen.type('hhjj');
    await until(() => screen.current() === 'd5/');
    screen.type('l \u0001d');
    await until(() => screen.app.view().transfers.queue.done === 1);
    assert.equal(screen.queue.snapshot().rows[0]?.remotePath, 'd5/e/f');
  });

  test('help ends at its last line, and begins at its first', async t => {
    const screen = await openApp(t, {a: ''});
    screen.app.resize({columns: 80, rows: 24});
    screen.type(`?${'\u001b[6~'.repeat(20)}`);
    const last = screen.app.view().help ?? 0;
    screen.type('k');
    assert.equal(screen.app.view().help, last - 1);
    screen.type('g');
    assert.equal(screen.app.view().help, 0);
    screen.type('x');
    assert.equal(screen.app.view().help, undefined);
  });

  test('marks stay while moving about, and d queues what is marked', async t => {
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

  test('a folder that is looked through is counted, and the totals say so', async t => {
    const files = Object.fromEntries(Array.from({length: 1100}, (_, at) => [`a/${at}`, 'x']));
    const screen = await openApp(t, files);
    const said = new Set<string | undefined>();
    t.after(screen.app.repainter.subscribe(() => said.add(screen.app.view().message?.text)));
    screen.type('d');
    await until(() => screen.app.view().transfers.queue.total === 1100);
    assert.ok(said.has('Counting: 1,100 files, 1.1 kB so far. Esc stops.'), [...said].join('\n'));
  });

  test('Space marks and goes on; all and none are a key each', async t => {
    const screen = await openApp(t, {a: '', b: '', c: ''});
    screen.type('  ');
    assert.deepEqual(screen.app.view().files.marked, [true, true, false]);
    screen.type('*');
    assert.deepEqual(screen.app.view().files.marked, [false, false, true]);
    screen.type('\u0001');
    assert.deepEqual(screen.app.view().files.marked, [true, true, true]);
  });

  test('Escape never unmarks', async t => {
    const screen = await openApp(t, {a: '', b: ''});
    screen.type(' ');
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.app.view().files.marks.files, 1);
  });

  test('a file that is here is asked about; Escape queues nothing and keeps the marks', async t => {
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

  test('a damaged copy is seen block by block, and R repairs it', async t => {
    const content = noise(3_500_000);
    const screen = await openApp(t, {'f.bin': content});
    const damaged = Buffer.from(content.subarray(0, 2_500_000));
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    writeFileSync(join(screen.target, 'f.bin'), damaged);
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    const {state} = screen.app.view().verifier;
    assert.ok(state.name === 'compared');
    assert.deepEqual([state.report.good, state.report.equal], [1, false]);
    screen.type('2R');
    await until(() => screen.app.view().transfers.queue.done === 1);
    screen.type('v');
    await until(() => {
      const {state} = screen.app.view().verifier;
      return state.name === 'compared' && state.report.equal;
    });
    assert.deepEqual(readFileSync(join(screen.target, 'f.bin')), content);
  });

  test('digests up to a position that is typed', async t => {
    const screen = await openApp(t, {f: 'abcdef'});
    writeFileSync(join(screen.target, 'f'), 'abcxyz');
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'compared');
    const hashed = async (position: string) => {
      screen.type(`2p${position}\r`);
      await until(() => screen.app.view().verifier.hash.name === 'hashed');
      const {hash} = screen.app.view().verifier;
      assert.ok(hash.name === 'hashed');
      return hash;
    };
    assert.equal((await hashed('3')).equal, true);
    const whole = await hashed('');
    assert.deepEqual([whole.equal, whole.localLength, whole.remoteLength], [false, 6, 6]);
    screen.type('2pmuch\r');
    assert.match(screen.app.view().message?.text ?? '', /no position/);
  });

  test('a file without a copy here says so', async t => {
    const screen = await openApp(t, {f: 'abc'});
    screen.type('v');
    await until(() => screen.app.view().verifier.state.name === 'absent');
  });

  test('a filter shows what it matches while it is typed, and Escape shows all again', async t => {
    const screen = await openApp(t, {'barco.jpg': '', 'boneco.jpg': '', 'mar.txt': ''});
    screen.type('/JPG');
    assert.deepEqual(screen.names(), ['barco.jpg', 'boneco.jpg']);
    screen.type('q');
    assert.deepEqual(screen.names(), []);
    screen.type('\u007f\r');
    assert.deepEqual(screen.names(), ['barco.jpg', 'boneco.jpg']);
    screen.app.press({name: 'escape', text: ''});
    assert.equal(screen.names().length, 3);
  });

  test('pasted text goes into the line that is typed, and nowhere else', async t => {
    const screen = await openApp(t, {'d-one': '', two: ''});
    screen.app.paste('d');
    assert.equal(screen.app.view().transfers.queue.total, 0);
    screen.type('/');
    screen.app.paste('tw\u001b[A\nd');
    screen.type('\u0015tw\r');
    assert.deepEqual(screen.names(), ['two']);
  });

  test('a folder that is gone says so, and r looks again', async t => {
    const screen = await openApp(t, {'a/x': ''});
    rmSync(join(screen.root, 'a'), {recursive: true});
    screen.type(right);
    await until(() => screen.app.view().files.error !== undefined);
    mkdirSync(join(screen.root, 'a/b'), {recursive: true});
    screen.type('r');
    await screen.ready();
    assert.deepEqual(screen.names(), ['..', 'b/']);
    assert.equal(screen.app.view().files.error, undefined);
  });

  test('+ and - change how soon a transfer runs, and the cursor goes with it', async t => {
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

  test('A tries all again that failed, and nothing else', async t => {
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
    assert.match(screen.app.view().message?.text ?? '', /It is over/);
  });

  test('L shows the limits; one that is typed counts, a wrong one is explained and not lost', async t => {
    const screen = await openApp(t, {a: ''});
    const labels = () => screen.app.view().dialog?.choices.map(({label}) => label);
    const prompt = () => screen.app.view().prompt;
    const pressEscape = () => screen.app.press({name: 'escape', text: ''});
    screen.type('L');
    assert.deepEqual(labels(), [
      'Files at once: 4',
      'Connections for one file: 4',
      'Speed in all: no limit',
    ]);
    screen.type('s');
    await until(() => prompt() !== undefined);
    assert.match(prompt()?.hint ?? '', /^now none; 500k, 10M or none, Enter/);
    screen.type('fast\r');
    assert.match(prompt()?.complaint ?? '', /'fast' will not do: type 500k, 10M or none/);
    assert.equal(screen.queue.limits.bytesPerSecond, undefined);
    // What was typed is still there to be put right.
    assert.equal(prompt()?.line.before.join(''), 'fast');
    screen.type('\u007f');
    assert.equal(prompt()?.complaint, undefined);
    screen.type('\u0015 1.5 M\r');
    assert.equal(prompt(), undefined);
    assert.equal(screen.queue.limits.bytesPerSecond, 1_500_000);
    assert.equal(screen.client.bytesPerSecond, 1_500_000);
    assert.match(screen.app.view().message?.text ?? '', /Speed in all: 1\.5 MB\/s\./);

    screen.type('Lf');
    await until(() => prompt() !== undefined);
    for (const wrong of ['0', '17', '1.5', 'none', '', '-1']) {
      screen.type(`\u0015${wrong}\r`);
      assert.match(prompt()?.complaint ?? '', /a number from 1 to 16/, wrong);
    }

    screen.type('\u00152\r');
    assert.deepEqual(screen.queue.limits, {
      files: 2,
      connectionsPerFile: 4,
      bytesPerSecond: 1_500_000,
    });
    screen.type('Lc');
    await until(() => prompt() !== undefined);
    // One step back is the dialog, and none of that changes anything.
    pressEscape();
    await until(() => screen.app.view().dialog !== undefined);
    assert.equal(labels()?.[2], 'Speed in all: 1.5 MB/s');
    pressEscape();
    assert.deepEqual([screen.app.view().dialog, prompt()], [undefined, undefined]);
    screen.type('Ls');
    await until(() => prompt() !== undefined);
    assert.equal(prompt()?.line.before.join(''), '');
    assert.match(prompt()?.hint ?? '', /^now 1500k; /);
    screen.type('none\r');
    assert.equal(screen.queue.limits.bytesPerSecond, undefined);
  });

  test('leaving with nothing under way asks nothing', async t => {
    const screen = await openApp(t, {a: ''});
    screen.type('q');
    await screen.app.left;
  });

  test('leaving with work under way finishes the block that is arriving; Ctrl-C does not wait', async t => {
    for (const waits of [true, false]) {
      const limit = 1_500_000;
      const content = noise(6 * 1_048_576);
      const screen = await openApp(t, {a: content}, {server: {limit}});
      const {app, queue, target} = screen;
      const verified = () => queue.snapshot().rows[0]?.verifiedBytes ?? 0;
      screen.type('d');
      await until(() => verified() >= 1_048_576);
      const before = verified();
      screen.type('q');
      assert.match(app.view().dialog?.title ?? '', /Quit/);
      screen.type('q');
      await until(() => /Finishing.*Ctrl-C/.test(app.view().message?.text ?? ''));
      // Any other key is too late.
      screen.type('?');
      assert.equal(app.view().help, undefined);
      if (!waits) {
        screen.type('\u0003');
      }

      await app.left;
      assert.equal(queue.snapshot().active, waits ? 0 : 1);
      assert.ok(!waits || verified() > before);
      await queue[Symbol.asyncDispose]();
      const partial = readFileSync(join(target, 'a.jangada-part'));
      assert.ok(partial.equals(content.subarray(0, verified())));
    }
  });

  test('the panes follow the size, and rows fill what there is', async t => {
    const files = Object.fromEntries(Array.from({length: 50}, (_, index) => [`f${index}`, '']));
    const screen = await openApp(t, files);
    screen.app.resize({columns: 60, rows: 15});
    assert.equal(screen.app.view().layout.mode, 'folded');
    assert.equal(screen.names().length, 9);
    screen.type('G');
    screen.app.resize(size);
    assert.equal(screen.current(), 'f49');
  });
});
