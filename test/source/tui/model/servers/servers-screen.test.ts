import assert from 'node:assert/strict';
import {createServer} from 'node:net';
import {suite, type TestContext, test} from 'node:test';
import {formatAddress, parseAddress} from '../../../../../protocol/address.ts';
import {startServer} from '../../../../../server/server.ts';
import {ServerBook} from '../../../../../source/servers/server-book.ts';
import {Sessions} from '../../../../../source/servers/sessions.ts';
import {LimitSettings} from '../../../../../source/transfers/queue/queue.ts';
import {Repainter} from '../../../../../source/tui/model/repainter.ts';
import {ServersScreen} from '../../../../../source/tui/model/servers/servers-screen.ts';
import {KeyParser} from '../../../../../source/tui/terminal/key-parser.ts';
import {freePort} from '../../../../fixtures/free-port.ts';
import {temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {typingView} from '../../typing-view.ts';
import {helpTexts} from '../../view/help.ts';

type Opened = {
  screen: ServersScreen;
  book: ServerBook;
  /** Send keys as a terminal does, all in one read. */
  type(keys: string): void;
};

function openScreen(t: TestContext): Opened {
  const book = new ServerBook(undefined);
  const sessions = new Sessions({store: undefined, limits: new LimitSettings(), retries: 0});
  const typing = typingView(t);
  const screen = new ServersScreen(
    {
      ...{book, sessions, size: {columns: 120, rows: 40}},
      suspend: async () => false,
      typeInto: typing.give,
    },
    new Repainter(),
  );
  typing.show(screen);
  t.after(async () => {
    screen.close();
    await sessions[Symbol.asyncDispose]();
  });
  return {
    screen,
    book,
    type(keys) {
      for (const input of new KeyParser().push(keys)) {
        if (input.type === 'key') {
          screen.press(input.key);
        }
      }
    },
  };
}

async function serve(t: TestContext): Promise<string> {
  const server = await startServer({root: temporaryFolder(t), port: 0});
  t.after(() => server.close({graceMs: 0}));
  return server.address;
}

/** The address of a listener that never sends a byte. */
async function silent(t: TestContext): Promise<string> {
  const listener = createServer(socket => t.after(() => socket.destroy()));
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  const place = listener.address();
  return `127.0.0.1:${typeof place === 'object' && place !== null ? place.port : 0}`;
}

const enter = '\r';
const esc = '\u001b[27u';

suite('the screen of servers', () => {
  test('opens a typed address at once, in its folder, and passes on the keys that follow', async t => {
    const {screen, type} = openScreen(t);
    const address = await serve(t);
    const chosen = screen.choose();
    type(`${address}/fotos${enter}${enter}jd`);
    const connected = await chosen;
    assert.equal(connected?.path, 'fotos');
    assert.equal(formatAddress(connected?.session.client.address ?? parseAddress('x')), address);
    // The second Enter is dropped: the user was only impatient.
    assert.deepEqual(
      connected?.keys.map(({name}) => name),
      ['j', 'd'],
    );
    assert.equal(screen.view().work, undefined);
  });

  test('reports a wrong address like the command line, and lets the user correct it', async t => {
    const {screen, type} = openScreen(t);
    void screen.choose();
    for (const text of ['http://x', 'h:0', 'h/../x', ' h', '::1']) {
      type(`a${text}${enter}`);
      let said = '';
      try {
        parseAddress(text);
      } catch (error) {
        said = error instanceof Error ? error.message : '';
      }

      assert.notEqual(said, '');
      assert.equal(screen.view().prompt?.complaint, said);
      assert.equal(screen.view().prompt?.text, text);
      type(esc);
      assert.equal(screen.view().prompt, undefined);
    }
  });

  test('an address with a password is refused', async t => {
    const {screen, type, book} = openScreen(t);
    void screen.choose();
    type(`ajangada://user:secret@127.0.0.1${enter}`);
    assert.match(screen.view().prompt?.complaint ?? '', /is not an address/);
    assert.deepEqual(book.list(), []);
  });

  test('shows why a server could not be opened; a changes the address, and Esc removes the error', async t => {
    const {screen, type} = openScreen(t);
    void screen.choose();
    const port = await freePort();
    type(`127.0.0.1:${port}/a${enter}`);
    assert.deepEqual(screen.view().work, {name: 'connecting', server: `127.0.0.1:${port}`});
    await until(() => screen.view().failure !== undefined);
    assert.equal(
      screen.view().failure?.text,
      `No connection to 127.0.0.1:${port}: nothing listens there. Check the address, and that jangada-server runs there.`,
    );
    type('a');
    assert.equal(screen.view().prompt?.text, `jangada://127.0.0.1:${port}/a`);
    type(esc);
    type(esc);
    assert.equal(screen.view().failure, undefined);
  });

  test('Esc cancels connecting, and drops the keys that wait for it', async t => {
    const {screen, type} = openScreen(t);
    const chosen = screen.choose();
    const address = await silent(t);
    type(`${address}${enter}d`);
    assert.equal(screen.view().work?.server, address);
    type(esc);
    assert.equal(screen.view().work, undefined);
    assert.equal(screen.view().message?.text, `Gave up connecting to ${address}.`);
    assert.equal(screen.view().failure, undefined);
    type('q');
    assert.equal(await chosen, undefined);
  });

  test('q and Ctrl-C quit, also while it connects', async t => {
    for (const keys of ['q', '\u0003', '\u001b[21~']) {
      const {screen, type} = openScreen(t);
      const chosen = screen.choose();
      type(`${await silent(t)}${enter}`);
      assert.equal(screen.view().work?.name, 'connecting');
      type(keys);
      assert.equal(await chosen, undefined);
    }
  });

  test('* makes a bookmark with a name or removes it; a recent server can be forgotten, a bookmark cannot', t => {
    const {screen, type, book} = openScreen(t);
    book.used(parseAddress('h:1'));
    void screen.choose();
    type('*');
    assert.equal(screen.view().prompt?.text, 'h');
    type(`\u0015${enter}`);
    assert.equal(screen.view().prompt?.complaint, 'A bookmark needs a name.');
    type(`Home${enter}`);
    assert.deepEqual(
      book.list().map(({label}) => label),
      ['Home'],
    );
    type('-');
    assert.match(
      screen.view().message?.text ?? '',
      /This server is a bookmark: press \* to remove/,
    );
    assert.equal(book.list().length, 1);
    type('*-');
    assert.deepEqual(book.list(), []);
    assert.equal(screen.view().message?.text, 'h:1 is forgotten.');
  });

  test('pasted text is an address', t => {
    const {screen} = openScreen(t);
    void screen.choose();
    screen.paste('  files.example.org:1\n');
    assert.equal(screen.view().prompt?.text, 'files.example.org:1');
  });

  test('known addresses are completed, and recalled with the arrows', t => {
    const {screen, type, book} = openScreen(t);
    book.used(parseAddress('files.example.org/a'));
    void screen.choose();
    type('fi\t');
    assert.equal(screen.view().prompt?.text, 'files.example.org:1234/a');
    type(`${esc}a\u001b[A`);
    assert.equal(screen.view().prompt?.text, 'jangada://files.example.org:1234/a');
  });

  test('? shows all keys, and a key without a meaning is reported once', t => {
    const {screen, type} = openScreen(t);
    void screen.choose();
    type('?');
    assert.equal(screen.view().help?.offset, 0);
    type('x');
    assert.equal(screen.view().message?.text, 'x does nothing here. / searches, Esc closes this.');
    type('/forg');
    assert.deepEqual(helpTexts(screen.view().help), [
      'In the servers',
      'forget the server; its queue stays',
    ]);
    type(`${esc}${esc}`);
    assert.equal(screen.view().help, undefined);
    type('\u001b[15~');
    assert.equal(screen.view().message?.text, 'f5 does nothing here. Press ? for the keys.');
  });
});
