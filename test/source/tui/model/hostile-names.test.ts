import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client, type LinkState} from '../../../../source/client/client.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {App} from '../../../../source/tui/model/app.ts';
import {Browser} from '../../../../source/tui/model/files/browser.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {headerLine} from '../../../../source/tui/view/bars/header.tsx';
import {emptySentence, noteRows} from '../../../../source/tui/view/files/notes.ts';
import {transferLine} from '../../../../source/tui/view/transfers/transfer-line.ts';
import {noise, path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {textOf, transfer, unicode} from '../view/lines.ts';
import {openApp, right, size} from './open-app.ts';

// Only Linux allows such names.
const skip = process.platform !== 'linux' && 'other systems have no such names';

/** A name that tries to set the title of the window and to reverse the text, and its display form. */
const name = 'x\u001b]0;owned\u0007\u202e\n\u009b2J';
const shown = 'x\\x1b]0;owned\\x07\\u{202e}\\x0a\\x9b2J';

/** Fails unless the texts over the panes show the name, and show it escaped. */
function assertShown(app: App, kind: 'message' | 'dialog' | 'prompt'): void {
  const {message, dialog, prompt} = app.view();
  const words = {
    message: [message?.text],
    dialog: [
      dialog?.title,
      ...(dialog?.body ?? []),
      ...(dialog?.choices.flatMap(({label, detail}) => [label, detail]) ?? []),
      dialog?.forAll,
    ],
    prompt: [prompt?.label, prompt?.hint, prompt?.complaint],
  };
  assert.ok(words[kind].join(' ').includes(shown), words[kind].join(' '));
  assertHarmless([...words.message, ...words.dialog, ...words.prompt].join(''));
}

function assertHarmless(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
}

// biome-ignore lint/correctness/useYield: there is nothing to list
async function* unreadable(): AsyncGenerator<never> {
  throw new JangadaError('internal', name);
}

suite('names and words from outside are shown as escapes over the panes', {skip}, () => {
  test('in the message that it is not a folder, and in questions before quitting and canceling', async t => {
    const limit = 1_500_000;
    const {app, type} = await openApp(t, {[name]: noise(6_000_000)}, {server: {limit}});
    type(right);
    assertShown(app, 'message');
    type('d');
    await until(() => app.view().transfers.queue.active === 1);
    type('q');
    assertShown(app, 'dialog');
    type('n3x');
    assert.match(app.view().dialog?.title ?? '', /^Cancel /);
    assertShown(app, 'dialog');
  });

  test('in the question about an existing file', async t => {
    const {app, type, target} = await openApp(t, {[name]: 'x'});
    writeFileSync(join(target, name), 'other');
    type('d');
    await until(() => app.view().dialog !== undefined);
    assertShown(app, 'dialog');
  });

  test('in complaints about a pasted limit and a pasted position', async t => {
    const {app, type, target} = await openApp(t, {f: 'abc'});
    writeFileSync(join(target, 'f'), 'abc');
    type('Ls');
    await until(() => app.view().prompt !== undefined);
    app.paste('\u202e');
    type('\r');
    assert.match(app.view().prompt?.complaint ?? '', /'\\u\{202e\}' is invalid/);
    app.press({name: 'escape', text: ''});
    await until(() => app.view().dialog !== undefined);
    app.press({name: 'escape', text: ''});
    type('v');
    await until(() => app.view().verifier.state.name === 'compared');
    type('2p');
    app.paste('\u202e');
    type('\r');
    assert.match(app.view().prompt?.complaint ?? '', /Invalid position '\\u\{202e\}'/);
  });

  test('in the refusal of a server', async t => {
    const {host, port} = await startHostileServer(t, (socket, {kind, body}) => {
      if (kind === frameKinds.list && body.path === '') {
        const entries = [
          {name: 'd', type: 'folder', size: 0, mtimeMs: 0},
          {name: 'f', type: 'file', size: 1, mtimeMs: 0},
        ];
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
        socket.write(encodeAnswer('end', {count: entries.length}));
      } else {
        socket.write(encodeAnswer('error', {code: 'internal', message: name}));
      }
    });
    const folder = join(temporaryFolder(t), name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'f'), 'x');
    const client = new Client({scheme: 'jangada', host, port: port ?? 0, path: path('')});
    const queue = new Queue({client});
    const app = new App({
      client,
      queue,
      folder,
      startPath: path(''),
      size,
      notice: name,
      suspend: async () => false,
    });
    t.after(async () => {
      app.close();
      await queue[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    });
    // The notice about a queue that could not be opened, and the download folder.
    assertShown(app, 'message');
    assert.ok(app.view().folder.includes(shown));
    await until(() => !app.view().files.loading);
    const press = (key: string) => app.press({name: key, text: key});
    press('d');
    await until(() => app.view().message?.tone === 'bad');
    assert.match(app.view().message?.text ?? '', /The server could not search 1 place: d/);
    assertHarmless(app.view().message?.text ?? '');
    press('down');
    press('v');
    await until(() => app.view().verifier.state.name === 'failed');
    const {state} = app.view().verifier;
    assert.ok(state.name === 'failed' && state.reason.includes(shown));
    assertHarmless(state.reason);
    press('up');
    press('right');
    await until(() => app.view().files.error !== undefined);
    assert.ok(app.view().files.error?.includes(shown));
    assertHarmless(app.view().files.error ?? '');
  });

  test('in the error of a folder that cannot be read', async () => {
    const repainter = new Repainter();
    const browser = new Browser(
      {list: unreadable, find: unreadable, isConnected: () => true},
      repainter,
    );
    browser.open(path(''));
    await until(() => browser.view().error !== undefined);
    assertHarmless(browser.view().error ?? '');
    browser.close();
    repainter.close();
  });

  test('in lines of transfers, of the link and of an empty folder', async t => {
    const {app} = await openApp(t, {});
    const {files, transfers, server} = app.view();
    const times = {retryInMs: 1, retryAtMs: 1};
    const waiting: LinkState = {name: 'waiting', reason: name, brief: name, ...times};
    const lines = [
      ...[
        transfer({name: 'failed', code: 'internal', reason: name}),
        transfer({name: 'paused', noRoom: name}),
        transfer({name: 'queued'}, {remotePath: path(name)}),
      ].map(row => textOf(transferLine(unicode, row, 200))),
      textOf(
        headerLine(unicode, {
          ...{server, link: waiting, retryInSeconds: 1, queue: transfers.queue, columns: 200},
        }),
      ),
      emptySentence({...files, shown: 0, loading: true}, waiting, unicode.glyphs.ellipsis) ?? '',
      emptySentence(
        {...files, shown: 0, total: 1, loading: false, options: {...files.options, filter: name}},
        {name: 'connected'},
        unicode.glyphs.ellipsis,
      ) ?? '',
    ];
    const refused = {count: 1, name, reason: name};
    const notes = noteRows(
      unicode,
      {...files, shown: 1, refused},
      {link: waiting, retryInSeconds: 1},
      200,
    );
    lines.push(
      ...notes.flatMap(note =>
        'line' in note && note.line !== undefined ? textOf(note.line) : [],
      ),
    );
    assert.equal(lines.length, 7);
    for (const line of lines) {
      assert.ok(line.includes(shown), line);
      assertHarmless(line);
    }
  });
});
