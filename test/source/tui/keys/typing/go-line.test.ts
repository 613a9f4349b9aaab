import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {wayTo} from '../../../../../source/tui/keys/typing/go-line.ts';
import {Browser} from '../../../../../source/tui/model/files/browser.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {path, until} from '../../../../fixtures/harness.ts';
import {openApp} from '../../model/open-app.ts';

async function* forever(): AsyncGenerator<never> {
  await new Promise(() => {});
  yield assert.fail('nothing comes');
}

const ctrlG = '\u0007';
const files = {'boats/old/sail.txt': 'white', 'boats/old/.rig': '', 'bows/x': '', 'sea.txt': ''};

suite('going to a path', () => {
  test('opens a folder, and a file in its folder with the cursor on it', async t => {
    const screen = await openApp(t, files);
    const {app} = screen;
    const arrives = async (path: string, name: string) => {
      await until(() => app.view().files.path === path && screen.current() === name);
      assert.equal(app.view().prompt, undefined);
    };
    screen.type(`${ctrlG}boats/old/sail.txt\r`);
    await arrives('boats/old', 'sail.txt');
    screen.type(`${ctrlG}../../bows\r`);
    await arrives('bows', 'x');
    screen.type(`${ctrlG}${screen.server.address}/boats/old/.rig\r`);
    await arrives('boats/old', '.rig');
    screen.type(`${ctrlG}/\r`);
    await arrives('', 'boats/');
  });

  test('drops keys that wait for the folder on the screen', async t => {
    const repainter = new Repainter();
    const browser = new Browser(
      {
        // No folder ever arrives.
        list: () => forever(),
        find: () => assert.fail('nothing is searched for'),
        isConnected: () => true,
      },
      repainter,
    );
    t.after(() => browser.close());
    browser.open(path('boats'));
    browser.aim(() => assert.fail('it was meant for boats'));
    assert.equal(browser.view().heldKeys, 1);
    const parts = {browser, remote: {typeAt: async () => 'folder' as const}, panes: {focusOn() {}}};
    const go = await wayTo(parts, path('bows'), new AbortController().signal);
    go();
    assert.deepEqual([browser.path, browser.view().heldKeys], ['bows', 0]);
  });

  test('reports a path that does not exist, and changes nothing', async t => {
    const {app, type} = await openApp(t, files);
    type(`${ctrlG}/boats/none\r`);
    await until(() => /no \/boats\/none on the server/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015../x\r');
    await until(() => /leads above/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015jangada://elsewhere/a\r');
    await until(() => /another server/.test(app.view().prompt?.complaint ?? ''));
    assert.equal(app.view().files.path, '');
  });

  test('Tab completes names of the server, in any case, and steps through them', async t => {
    const {app, type} = await openApp(t, files);
    const shows = (text: string) => until(() => app.view().prompt?.text === text);
    type(`${ctrlG}B\t`);
    await until(() => app.view().prompt?.hint === 'boats/  bows/');
    assert.equal(app.view().prompt?.text, 'bo');
    type('\t\t');
    await shows('bows/');
    type('\u0015/boats/\t');
    await shows('/boats/old/');
    type('\t');
    await shows('/boats/old/sail.txt');
    type('\u0015/boats/old/.\t');
    await shows('/boats/old/.rig');
    type('x\t');
    await until(() => /No name here begins with this/.test(app.view().prompt?.hint ?? ''));
  });
});
