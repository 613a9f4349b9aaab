import assert from 'node:assert/strict';
import {appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {CopyFinder} from '../../../../../source/tui/model/here/copy-finder.ts';
import {noise, until} from '../../../../fixtures/harness.ts';
import {openApp} from '../open-app.ts';

type Screen = Awaited<ReturnType<typeof openApp>>;

/** The state of each row in the column of the local copies, in order. */
function column({app}: Screen): Array<string | undefined> {
  return app.view().here.map(state => state?.name);
}

const verifier = ({app}: Screen) => {
  const {state} = app.view().verifier;
  return state.name === 'compared' ? (state.report.equal ? 'same' : 'differs') : state.name;
};

/** Save a copy with the size of `content`. Both files get the same time. */
function keep(screen: Screen, name: string, content: Uint8Array | string, timeS = 1_600_000_000) {
  for (const [folder, bytes] of [
    [screen.root, undefined],
    [screen.target, content],
  ] as const) {
    if (bytes !== undefined) {
      writeFileSync(join(folder, name), bytes);
    }

    utimesSync(join(folder, name), timeS, timeS);
  }
}

suite('the state of local copies', () => {
  test('each visible file shows the state of the disk, and nothing else', async t => {
    const screen = await openApp(t, {alike: 'x', longer: 'x', none: 'x', older: 'x', 'z/f': ''});
    keep(screen, 'alike', 'y');
    keep(screen, 'longer', 'yy');
    writeFileSync(join(screen.target, 'older'), 'x');
    utimesSync(join(screen.target, 'older'), 1000, 1000);
    screen.type('r');
    await screen.ready();
    // The folder comes first, and has no state.
    await until(() => column(screen).join() === ',alike,differs,nothing,older');
  });

  test('rows that become visible one after the other are checked together', async t => {
    const names = Array.from({length: 90}, (_, index) => `f${10 + index}`);
    const screen = await openApp(t, Object.fromEntries(names.map(name => [name, 'x'])));
    const isSeen = (): boolean => column(screen).every(state => state === 'nothing');
    await until(isSeen);
    const asked = t.mock.method(CopyFinder.prototype, 'ask').mock;
    screen.type('G');
    for (let row = 0; row < 60; row++) {
      screen.type('k');
      screen.app.view();
    }

    assert.ok(!isSeen());
    assert.ok(asked.callCount() <= 1);
    await until(isSeen);
    assert.ok(asked.callCount() <= 2);
  });

  test('a copy that looks alike is the same only after a comparison, and stays so', async t => {
    const screen = await openApp(t, {a: 'harbour', b: 'x'});
    keep(screen, 'a', 'harbour');
    screen.type('r');
    await screen.ready();
    await until(() => column(screen)[0] === 'alike');
    screen.type('v');
    await until(() => verifier(screen) === 'same' && column(screen)[0] === 'same');
    // The folder is read again, but the file is not compared again.
    screen.type('r');
    await screen.ready();
    await until(() => column(screen)[0] === 'same');
  });

  test('a file that differs and is repaired is the same in all panes, without another check', async t => {
    const content = noise(3 * blockSize);
    const screen = await openApp(t, {a: content});
    const damaged = Buffer.from(content);
    damaged.fill(0, blockSize, blockSize + 9);
    keep(screen, 'a', damaged);
    screen.type('r');
    await screen.ready();
    await until(() => column(screen)[0] === 'alike');
    screen.type('v');
    await until(() => verifier(screen) === 'differs' && column(screen)[0] === 'differs');
    const said = new Set<string>();
    t.after(
      screen.app.repainter.subscribe(() => {
        said.add(`${column(screen)[0]} ${verifier(screen)}`);
      }),
    );
    screen.type('2R');
    await until(() => verifier(screen) === 'verified' && column(screen)[0] === 'same');
    assert.equal(screen.app.view().transfers.rows[0]?.state.name, 'done');
    assert.ok(!said.has('same differs') && !said.has('differs verified'), [...said].join('; '));
    screen.type('R');
    assert.match(screen.app.view().message?.text ?? '', /nothing to repair/);
  });

  test('a file that another program changes or removes is no longer the same, in any pane', async t => {
    const screen = await openApp(t, {a: 'harbour'});
    keep(screen, 'a', 'harbour');
    screen.type('r');
    await screen.ready();
    screen.type('v');
    await until(() => verifier(screen) === 'same' && column(screen)[0] === 'same');
    // From here on no key is pressed: the system reports the change.
    appendFileSync(join(screen.target, 'a'), '!');
    await until(() => column(screen)[0] === 'newer' && verifier(screen) === 'outdated');
    rmSync(join(screen.target, 'a'));
    await until(() => column(screen)[0] === 'nothing');
    assert.equal(verifier(screen), 'outdated');
  });

  test('a file that is rewritten with its old size and time does not count as compared', async t => {
    const screen = await openApp(t, {a: 'harbour'});
    keep(screen, 'a', 'harbour');
    screen.type('r');
    await screen.ready();
    screen.type('v');
    await until(() => column(screen)[0] === 'same');
    keep(screen, 'a', 'HARBOUR');
    await until(() => column(screen)[0] === 'alike' && verifier(screen) === 'outdated');
  });

  test('a download that replaces an older copy makes it the same', async t => {
    const screen = await openApp(t, {a: noise(2 * blockSize)});
    writeFileSync(join(screen.target, 'a'), 'old');
    utimesSync(join(screen.target, 'a'), 1000, 1000);
    await until(() => column(screen)[0] === 'older');
    screen.type('v');
    await until(() => verifier(screen) === 'differs');
    assert.equal(column(screen)[0], 'differs');
    screen.type('d');
    await until(() => screen.app.view().dialog !== undefined);
    screen.type('o');
    await until(() => column(screen)[0] === 'same' && verifier(screen) === 'verified');
  });

  test('a finished transfer does not show its file as right when it no longer is', async t => {
    const screen = await openApp(t, {a: noise(2 * blockSize)});
    const said = () => screen.app.view().copies[0];
    const file = join(screen.target, 'a');
    screen.type('d');
    await until(() => column(screen)[0] === 'same');
    assert.equal(said(), undefined);
    appendFileSync(file, 'x');
    await until(() => said() === 'changed');
    screen.type('v');
    await until(() => verifier(screen) === 'differs' && said() === 'differs');
    screen.type('2R1');
    await until(() => verifier(screen) === 'verified' && column(screen)[0] === 'same');
    assert.deepEqual(screen.app.view().copies, [undefined, undefined]);
    rmSync(file);
    await until(() => screen.app.view().copies[1] === 'gone');
  });

  test('a file that is newer on the server than in the listing is judged by its new state', async t => {
    const screen = await openApp(t, {a: 'old'});
    utimesSync(join(screen.root, 'a'), 1000, 1000);
    screen.type('r');
    await screen.ready();
    screen.serve('a', 'new one');
    screen.type('d');
    await until(() => column(screen)[0] === 'same');
    assert.equal(screen.app.view().transfers.queue.done, 1);
  });

  test('a partial file shows how much of the file it has, and a new folder is checked', async t => {
    const screen = await openApp(t, {'a/f': noise(4 * 65_536), 'a/g': 'x'});
    screen.type('l');
    await screen.ready();
    writeFileSync(join(screen.target, 'f.jangada-part'), noise(65_536));
    await until(() => column(screen)[1] === 'partial');
    assert.equal(screen.app.view().here[1]?.percent, 25);
    mkdirSync(join(screen.target, 'a'));
    writeFileSync(join(screen.target, 'a/g'), 'xyz');
    // Changes in folders below the target are noticed with the next key at the latest.
    await until(() => {
      screen.type('j');
      return ['newer', 'differs'].includes(column(screen)[2] ?? '');
    });
  });
});
