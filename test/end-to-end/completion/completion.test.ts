import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {suite, test} from 'node:test';
import {startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {missing, shellNames, startShell} from './shell.ts';

/** Names with characters that mean something to a shell, each with the typed part of it. */
const names: ReadonlyArray<readonly [typed: string, name: string]> = [
  ['a', 'a b.txt'],
  ['b', "b'c.txt"],
  ['c', 'c"d.txt'],
  ['d', 'd:e:f.txt'],
  ['e', 'e$(touch pwned).txt'],
  ['f', 'f`touch pwned`.txt'],
  ['g', 'g;touch pwned;.txt'],
  ['h', 'h!ls.txt'],
  ['i', 'i\\j.txt'],
  ['j', 'j*k?.txt'],
  ['k', 'k#l.txt'],
  ['l', 'l&m|n.txt'],
  ['m', 'm{a,b}.txt'],
  ['n', 'n[1].txt'],
  ['o', 'o=~.txt'],
  ['p', 'p%F{red}%n.txt'],
  ['q', 'q<r>.txt'],
  ['r', 'r$HOME.txt'],
  ['s', 's@t+u,v.txt'],
  ['w', 'w(x).txt'],
  ['é', 'é û.txt'],
];

/** Names that a terminal cannot show unchanged. */
const leftOut = ['x\u001b]52;c;QUFB\u0007.txt', 'y\nz.txt', 'z\u202etxt.exe', 'u\u009bm.txt'];

for (const shell of shellNames) {
  const skip = missing(shell);

  suite(`completion in ${shell}`, {skip}, () => {
    test('names on the server are completed with the right quotes, and run no command', async t => {
      const {server, serve} = await startHarness(t);
      for (const [, name] of names) {
        serve(name, '');
      }

      const {folder, run} = await startShell(t, shell, {JANGADA_SERVER: server.address});
      const typed = names.map(([start]) => `${start}\t`).join('');
      const all = names.map(([, name]) => name);
      assert.deepEqual(await run(`jangada verify ${typed}`), ['verify', ...all]);
      assert.deepEqual(readdirSync(folder), []);
    });

    test('a word in quotes is completed within them', async t => {
      const {server, serve} = await startHarness(t);
      for (const name of ['a b/c d.txt', 'e$f.txt', "g'h.txt", 'i!j.txt']) {
        serve(name, '');
      }

      const {run} = await startShell(t, shell, {JANGADA_SERVER: server.address});
      assert.deepEqual(await run(`jangada sget "a b/c\t`), ['sget', 'a b/c d.txt']);
      assert.deepEqual(await run(`jangada sget 'a b/c\t`), ['sget', 'a b/c d.txt']);
      assert.deepEqual(await run('jangada sget a\\ b/c\t'), ['sget', 'a b/c d.txt']);
      assert.deepEqual(await run('jangada sget a\\ \tc\t'), ['sget', 'a b/c d.txt']);
      assert.deepEqual(await run('jangada sget "e\t'), ['sget', 'e$f.txt']);
      assert.deepEqual(await run(`jangada sget 'g\t`), ['sget', "g'h.txt"]);
      assert.deepEqual(await run('jangada sget "i\t'), ['sget', 'i!j.txt']);
    });

    test('names that a terminal cannot show unchanged are left out', async t => {
      const {server, serve} = await startHarness(t);
      for (const name of [...leftOut, 'plain.txt']) {
        serve(name, '');
      }

      const {run, terminal} = await startShell(t, shell, {JANGADA_SERVER: server.address});
      // As only one name is left, the shell inserts it at once.
      assert.deepEqual(await run('jangada sget \t'), ['sget', 'plain.txt']);
      assert.ok(!terminal.written.includes('\u001b]52'));
    });

    test('a name that begins with a dash does not become an option', async t => {
      const {server, serve} = await startHarness(t);
      serve('-rf', '');
      const {run} = await startShell(t, shell, {JANGADA_SERVER: server.address});
      assert.deepEqual(await run('jangada sget \t'), ['sget', '/-rf']);
      assert.deepEqual(await run('jangada sget -- -\t'), ['sget', '--', '-rf']);
    });

    test('commands, options and their values are completed', async t => {
      const {run} = await startShell(t, shell);
      assert.deepEqual(await run('jangada mg\t--on-c\tren\t'), ['mget', '--on-conflict', 'rename']);
      assert.deepEqual(await run('jangada sget --on-conflict=sk\t'), [
        'sget',
        '--on-conflict=skip',
      ]);
      assert.deepEqual(await run('jangada queue pri\thi\t'), ['queue', 'priority', 'high']);
      assert.deepEqual(await run('jangada help queue cle\t'), ['help', 'queue', 'clear']);
      assert.deepEqual(await run('jangada help comp\t'), ['help', 'completion']);
    });

    test('the options of the server are completed, also after serve', async t => {
      const {folder, run} = await startShell(t, shell);
      mkdirSync(path.join(folder, 'top'));
      assert.deepEqual(await run('jangada serve --log-l\tde\tto\t- --po\t0'), [
        ...['serve', '--log-level', 'debug', 'top/-', '--port', '0'],
      ]);
      assert.deepEqual(await run('jangada-server tok\trem\tx'), ['token', 'remove', 'x']);
      assert.deepEqual(await run('jangada-server --tls-c\tto\t-'), ['--tls-cert', 'top/-']);
    });

    test('local names are completed where a command expects a local file or folder', async t => {
      const {folder, run} = await startShell(t, shell);
      mkdirSync(path.join(folder, 'down loads'));
      writeFileSync(path.join(folder, 'down.txt'), '');
      mkdirSync(path.join(folder, 'down loads/in'));
      assert.deepEqual(await run('jangada mget --to do\ti\t-'), [
        'mget',
        '--to',
        'down loads/in/-',
      ]);
      assert.deepEqual(await run('jangada mget --to=do\ti\t-'), ['mget', '--to=down loads/in/-']);
      assert.deepEqual(await run('jangada sget --seed=down.\t'), ['sget', '--seed=down.txt']);
      assert.deepEqual(await run('jangada sget --seed down.\t'), ['sget', '--seed', 'down.txt']);
    });

    test('an address is completed with names on its server, percent-encoded', async t => {
      const {server, serve} = await startHarness(t);
      serve('a b/c:d é.txt', '');
      const {run} = await startShell(t, shell);
      const address = server.address.replace(/\/$/, '');
      assert.deepEqual(await run(`jangada sget ${address}/a\tc\t`), [
        'sget',
        `${address}/a%20b/c:d%20%C3%A9.txt`,
      ]);
      assert.deepEqual(await run(`jangada sget --server=${address}/a%20b c\t`), [
        'sget',
        `--server=${address}/a%20b`,
        'c:d é.txt',
      ]);
    });
  });
}

test('a .zshrc with one line for each program is enough, and folders that others can write to cause no question', {
  skip: missing('zsh'),
}, async t => {
  const {server, serve} = await startHarness(t);
  serve('boat.jpg', '');
  const open = temporaryFolder(t);
  chmodSync(open, 0o777);
  const {stdout} = spawnSync('zsh', ['-f', '-c', 'print -rn -- $FPATH'], {encoding: 'utf8'});
  const environment = {JANGADA_SERVER: server.address, FPATH: `${open}:${stdout}`};
  const {run, terminal} = await startShell(t, 'zsh', environment, {
    words: ['zsh', '--no-globalrcs', '-i'],
    load: "PS1='$ '",
    zshrc: 'source <(jangada completion zsh)\nsource <(jangada-server completion zsh)\n',
  });
  assert.deepEqual(await run('jangada sget b\t'), ['sget', 'boat.jpg']);
  assert.deepEqual(await run('jangada-server --log-level deb\t'), ['--log-level', 'debug']);
  assert.doesNotMatch(terminal.written, /compdef|insecure/);
});
