import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {encodeFrame, frameKinds} from '../../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../../protocol/messages.ts';
import {rootPath} from '../../../../../protocol/remote-path.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Queue} from '../../../../../source/transfers/queue/queue.ts';
import {App} from '../../../../../source/tui/model/app.ts';
import {temporaryFolder, treeOf, until} from '../../../../fixtures/harness.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';
import {openApp, size} from '../../model/open-app.ts';
import {typingView} from '../../typing-view.ts';

const files = {'a.jpg': 'xx', 'b.jpg': 'yyy', 'in/c.jpg': 'z', 'in/old/d.jpg': 'zz', 'e.txt': ''};

suite('downloading by mask', () => {
  test('counts before anything happens, and Enter queues the counted files', async t => {
    const screen = await openApp(t, files);
    screen.type('m**/*.jpg !in/old');
    await until(() => /^3 files, 6 B\. Enter/.test(screen.app.view().prompt?.hint ?? ''));
    assert.equal(screen.queue.totals().total, 0);
    screen.type('\r');
    await until(() => screen.queue.totals().done === 3);
    assert.deepEqual([...treeOf(screen.target).keys()].sort(), ['a.jpg', 'b.jpg', 'in/c.jpg']);
    assert.match(screen.app.view().message?.text ?? '', /^Queued 3 files/);
  });

  test('a name that looks like a mask means only that file or folder, as on the command line', async t => {
    const shows = {'Show [1p]/e1': 'x', 'Show [1p]/in/e2': 'y', 'Show 1/e1': 'zz', 'Show p/e1': ''};
    const names = ['Show [1p]/e1', 'Show [1p]/in/e2'];
    const screen = await openApp(t, shows);
    screen.type('m"Show [1p]/**"');
    await until(() => /^2 files, 2 B\. Enter/.test(screen.app.view().prompt?.hint ?? ''));
    screen.type('\r');
    await until(() => screen.queue.totals().done === 2);
    assert.deepEqual([...treeOf(screen.target).keys()].sort(), names);
    screen.type(':mget "Show [1p]/e1"\r');
    await until(() => screen.app.view().message?.text.startsWith('e1 is here already') === true);
    assert.deepEqual([...treeOf(screen.target).keys()].sort(), names);
  });

  test('an Enter before the count causes a question with the count', async t => {
    const screen = await openApp(t, files);
    screen.type('m*.jpg\r');
    await until(() => screen.app.view().dialog !== undefined);
    assert.equal(screen.app.view().dialog?.title, 'Download 2 files, 5 B?');
    screen.type('n');
    await until(() => /Stopped/.test(screen.app.view().message?.text ?? ''));
    assert.equal(screen.queue.totals().total, 0);
    screen.type('m*.jpg\r');
    await until(() => screen.app.view().dialog !== undefined);
    screen.type('d');
    await until(() => screen.queue.totals().done === 2);
  });

  test('an Enter during the count causes a question only if the number changes', async t => {
    for (const more of [0, 1]) {
      const ends: Array<() => void> = [];
      const address = await startHostileServer(t, (socket, {kind}) => {
        const entries = ['a', 'b'].map(name => ({name, type: 'file', size: 1, mtimeMs: 0}));
        const tell = (list: typeof entries) =>
          socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries: list})));
        const end = (count: number) =>
          socket.write(encodeAnswer('end', {count, bytes: count, unsearched: undefined}));
        if (kind === frameKinds.list) {
          tell(entries);
          end(entries.length);
        } else if (kind === frameKinds.find) {
          tell(entries);
          ends.push(() => {
            tell(entries.slice(0, more).map(entry => ({...entry, name: 'c'})));
            end(entries.length + more);
          });
        }
      });
      const client = new Client(address);
      const queue = new Queue({client});
      t.after(async () => {
        await queue[Symbol.asyncDispose]();
        await client[Symbol.asyncDispose]();
      });
      const typing = typingView(t);
      const app = new App({
        ...{client, queue, size, folder: temporaryFolder(t), startPath: rootPath},
        ...{suspend: async () => false, typeInto: typing.give},
      });
      typing.show(app);
      t.after(() => app.close());
      await until(() => !app.view().files.loading);
      app.press({name: 'm', text: 'm'});
      app.press({name: '*', text: '*'});
      await until(() => /^counting: 2 files, 2 B so far/.test(app.view().prompt?.hint ?? ''));
      app.press({name: 'enter', text: ''});
      ends[0]?.();
      if (more === 0) {
        await until(() => ends.length === 2);
        assert.equal(app.view().dialog, undefined);
      } else {
        await until(() => app.view().dialog?.title === 'Download 3 files, 3 B?');
      }
    }
  });

  test('Escape does nothing, and mistakes are reported', async t => {
    const {app, type, queue} = await openApp(t, files);
    type('m*.png\r');
    await until(() =>
      /Nothing in \/ matches\. In folders/.test(app.view().prompt?.complaint ?? ''),
    );
    type('\u0015!*.jpg\r');
    await until(() => /only leaves files out/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015{a\r');
    await until(() => /is not a valid mask/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015*');
    await until(() => /^3 files/.test(app.view().prompt?.hint ?? ''));
    app.press({name: 'escape', text: ''});
    assert.equal(app.view().prompt, undefined);
    assert.equal(queue.totals().total, 0);
  });
});
