/** How ssh is called, by a program in its place that writes down its arguments. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../../protocol/address.ts';
import {JangadaError} from '../../../../../../protocol/errors.ts';
import {encodeHello} from '../../../../../../protocol/hello.ts';
import {Client} from '../../../../../../source/client/client.ts';
import {Connection} from '../../../../../../source/client/connection/connection.ts';
import {lastWordsMs} from '../../../../../../source/client/connection/ways/ssh/master.ts';
import {Ssh, type SshOptions} from '../../../../../../source/client/connection/ways/ssh/ssh.ts';
import {makeFalseSsh, withoutFalseSsh} from '../../../../../fixtures/false-ssh.ts';
import {until} from '../../../../../fixtures/harness.ts';
import {holdUp} from '../../../../../fixtures/server/effort.ts';

function startSsh(t: TestContext, does?: string, options: SshOptions = {}) {
  const made = makeFalseSsh(t, does);
  const ssh = new Ssh({command: `${made.program} -i key`, ...options});
  t.after(() => ssh[Symbol.asyncDispose]());
  return {...made, ssh};
}

function serverAt(text: string) {
  const address = parseAddress(text);
  return address.scheme === 'ssh' ? address : assert.fail('it is not for ssh');
}

/** Let the wait for the reason never end by itself. Resolves, once it has begun, with a function that ends it. */
function holdLastWords(t: TestContext): Promise<() => void> {
  const waiting = Promise.withResolvers<() => void>();
  const {setTimeout} = globalThis;
  t.mock.method(globalThis, 'setTimeout', (timeUp: () => void, ms?: number) => {
    if (ms === lastWordsMs) {
      waiting.resolve(timeUp);
      return setTimeout(() => {}, 0);
    }

    return setTimeout(timeUp, ms);
  });
  return waiting.promise;
}

/** The word behind `-S`. */
const socketOf = (words: readonly string[] = []) => words[words.indexOf('-S') + 1] ?? '';

suite('ssh is called', {skip: withoutFalseSsh}, () => {
  test('to log in without a question, with a socket that only this user can reach, and is told to exit', async t => {
    const {calls, sockets, ssh} = startSsh(t);
    await ssh.login(serverAt('ssh://me@nas:22/srv'));
    const [words = []] = calls();
    const socket = socketOf(words);
    const quiet = ['-T', '-x', '-a', '-oClearAllForwardings=yes', '-oRemoteCommand=none'];
    assert.deepEqual(words, [
      ...['-i', 'key', ...quiet, '-M', '-N', '-f', '-oControlPersist=60'],
      ...['-oConnectTimeout=15', '-oServerAliveInterval=5', '-oServerAliveCountMax=3'],
      ...['-S', socket, '-oBatchMode=yes', '-p', '22', '-l', 'me', 'nas'],
    ]);
    assert.equal(statSync(dirname(socket)).mode & 0o777, 0o700);
    await ssh[Symbol.asyncDispose]();
    assert.deepEqual(calls()[1], [
      ...['-i', 'key', ...quiet, '-S', socket, '-O', 'exit', '-p', '22', '-l', 'me', 'nas'],
    ]);
    assert.deepEqual(sockets(), []);
  });

  test('once for each user, host and port, whatever their folders are', async t => {
    const {calls, ssh} = startSsh(t);
    const logIn = async (text: string) => {
      await ssh.login(serverAt(text));
      return socketOf(calls().at(-1));
    };
    const sockets: string[] = [];
    for (const text of [
      'ssh://nas/a',
      'ssh://me@nas',
      'ssh://nas:22',
      'ssh://other',
      'ssh://nas',
    ]) {
      sockets.push(await logIn(text));
    }

    assert.equal(new Set(sockets).size, 4);
    assert.equal(sockets[4], sockets[0]);
  });

  test('for a channel through the login, with the folder in quotes for the other shell', async t => {
    const remoteCommand = 'FOO=1 /opt/jangada-server';
    const {calls, ssh} = startSsh(t, 'exec cat', {remoteCommand});
    const received: Buffer[] = [];
    const room = Buffer.alloc(100);
    const server = serverAt("ssh://me@nas:22/srv/it's%20$x");
    const channel = await ssh.channel(server, {
      room: () => room,
      read(count, buffer) {
        received.push(Buffer.from(buffer.subarray(0, count)));
        return true;
      },
    });
    t.after(() => {
      channel.input.destroy();
      channel.child.kill();
    });
    channel.output.resume();
    channel.input.write('abc');
    await until(() => Buffer.concat(received).toString() === 'abc');
    const [words = []] = calls();
    const quiet = ['-T', '-x', '-a', '-oClearAllForwardings=yes', '-oRemoteCommand=none'];
    assert.deepEqual(words, [
      ...['-i', 'key', '-oControlMaster=no', '-S', socketOf(words), '-oBatchMode=yes', ...quiet],
      ...['-p', '22', '-l', 'me', 'nas'],
      "FOO=1 /opt/jangada-server --stdio -- /srv/it\\'s\\ \\$x",
    ]);
    await ssh.login(server);
    assert.equal(socketOf(calls()[1]), socketOf(words));
    // Only the sockets of masters stay for a while; that of the channel was for a moment.
    assert.deepEqual(readdirSync(dirname(socketOf(words))), []);
  });

  test('once more, with questions, only if it was refused without them and a user can answer', async t => {
    const refused = `case " $* " in *BatchMode*) echo 'nas: Permission denied (password).' >&2; exit 255;; esac`;
    const {calls, ssh} = startSsh(t, refused);
    const server = serverAt('ssh://nas');
    const lent: string[] = [];
    ssh.lend = async use => {
      lent.push('lent');
      await use();
      lent.push('back');
    };
    await assert.rejects(ssh.login(server), {code: 'unauthorized'});
    assert.deepEqual([calls().length, lent], [1, []]);
    await ssh.login(server, {mayAsk: true});
    assert.deepEqual([calls().length, lent], [3, ['lent', 'back']]);
    assert.deepEqual(
      calls().map(words => words.includes('-oBatchMode=yes')),
      [true, true, false],
    );
    ssh.lend = undefined;
    await ssh.login(server, {mayAsk: true});
    assert.equal(calls().at(-1)?.includes('-oBatchMode=yes'), false);
    assert.equal(lent.length, 2);
  });

  test('and its reason is read to the end, also if that comes after ssh has ended', async t => {
    const late = "(sleep 0.1; echo 'nas: Permission denied (password).' >&2) & exit 255";
    holdLastWords(t);
    const {ssh} = startSsh(t, late);
    await assert.rejects(ssh.login(serverAt('ssh://nas')), {code: 'unauthorized'});
  });

  test('without questions only, if it failed for another reason', async t => {
    const {calls, ssh} = startSsh(t, "echo 'ssh: no route' >&2; exit 255");
    ssh.lend = () => assert.fail('there is nothing to ask');
    await assert.rejects(ssh.login(serverAt('ssh://nas'), {mayAsk: true}), {
      code: 'unreachable',
      message: /ssh: no route/,
    });
    assert.equal(calls().length, 1);
  });

  test('and its reason is read if a program that ssh started keeps standard error open', async t => {
    const speaks = `sleep 0.2; echo 'ssh: no route' >&2; echo > "$0.said"; sleep 4`;
    const {folder, ssh} = startSsh(t, `(${speaks}) & exit 255`);
    const waiting = holdLastWords(t);
    const refused = assert.rejects(ssh.login(serverAt('ssh://nas')), {
      code: 'unreachable',
      message: /ssh: no route/,
    });
    await until(() => existsSync(join(folder, 'false-ssh.said')));
    (await waiting)();
    await refused;
  });

  test('and its reason is read, if it was written before the end of a wait that this thread slept through', async t => {
    // A program that ssh started speaks after ssh has ended, when it is told to, and keeps standard error open.
    const speaks = `while [ ! -e "$0.go" ]; do sleep 0.01; done; echo 'ssh: no route' >&2; echo > "$0.said"; sleep 4`;
    const {folder, ssh} = startSsh(t, `(${speaks}) & exit 255`);
    const waiting = holdLastWords(t);
    const refused = assert.rejects(ssh.login(serverAt('ssh://nas')), {
      code: 'unreachable',
      message: /ssh: no route/,
    });
    const timeUp = await waiting;
    // A timer is followed by what has arrived, and so is this.
    await new Promise(resolve => setTimeout(resolve, 0));
    writeFileSync(join(folder, 'false-ssh.go'), '');
    while (!existsSync(join(folder, 'false-ssh.said'))) {
      holdUp(5);
    }

    timeUp();
    await refused;
  });

  test('once for all callers that wait, and ended when the last of them gives up', async t => {
    const waits = 'while :; do echo >> "$0.turns"; sleep 0.01; done';
    const {calls, folder, ssh} = startSsh(t, `trap 'echo > "$0.ended"; exit 1' TERM; ${waits}`);
    const isEnded = () => existsSync(join(folder, 'false-ssh.ended'));
    const turns = () => statSync(join(folder, 'false-ssh.turns'), {throwIfNoEntry: false})?.size;
    const server = serverAt('ssh://nas');
    const stops = [new AbortController(), new AbortController()];
    const logins = stops.map(({signal}) =>
      assert.rejects(ssh.login(server, {signal}), {code: 'aborted'}),
    );
    await until(() => turns() !== undefined);
    stops[0]?.abort();
    await logins[0];
    const before = turns() ?? 0;
    await until(() => isEnded() || (turns() ?? 0) > before + 5);
    assert.equal(isEnded(), false);
    stops[1]?.abort();
    await logins[1];
    await until(isEnded);
    assert.equal(calls().length, 1);
    await assert.rejects(ssh.login(server, {signal: AbortSignal.abort()}), {code: 'aborted'});
    assert.equal(calls().length, 1);
  });

  test('not again for a caller that gives up while the login of others ends', async t => {
    const ends = 'while [ ! -e "$0.end" ]; do sleep 0.01; done; exit 1';
    const {calls, folder, ssh} = startSsh(t, `trap '' TERM; ${ends}`);
    const server = serverAt('ssh://nas');
    const stops = [new AbortController(), new AbortController()];
    const first = assert.rejects(ssh.login(server, {signal: stops[0]?.signal}), {code: 'aborted'});
    await until(() => calls().length === 1);
    stops[0]?.abort();
    await first;
    const second = assert.rejects(ssh.login(server, {signal: stops[1]?.signal}), {code: 'aborted'});
    stops[1]?.abort();
    writeFileSync(join(folder, 'false-ssh.end'), '');
    await second;
    assert.equal(calls().length, 1);
  });

  test('with questions by the login of a client, which leaves an ssh that it was given alone', async t => {
    const {calls, ssh} = startSsh(t);
    {
      await using client = new Client(parseAddress('ssh://nas'), {ssh});
      await client.login();
      assert.equal(calls().length, 1);
      assert.ok(!calls()[0]?.includes('-oBatchMode=yes'));
    }

    assert.equal(calls().length, 1);
  });

  test('by a client that was given none, and is ended with it', async t => {
    const {calls, folder} = startSsh(t);
    renameSync(join(folder, 'false-ssh'), join(folder, 'ssh'));
    const {PATH: before} = process.env;
    process.env.PATH = `${folder}:${before}`;
    t.after(() => {
      process.env.PATH = before;
    });
    {
      await using client = new Client(parseAddress('h'), {others: [parseAddress('ssh://nas')]});
      await client.login();
    }

    const last = calls().at(-1) ?? [];
    assert.ok(calls().some(words => words.includes('-M')));
    assert.deepEqual(last.slice(last.indexOf('-O')), ['-O', 'exit', 'nas']);
  });

  const loggedIn = `case " $* " in *" -M "*|*" -O "*) exit 0;; esac`;

  test('and ended when the connection through it is given up', async t => {
    const ready = 'echo > "$0.ready"; while :; do sleep 0.01; done';
    const waits = `trap 'echo > "$0.ended"; exit 1' TERM; ${ready}`;
    const {calls, folder, ssh} = startSsh(t, `${loggedIn}\n${waits}`);
    const stop = new AbortController();
    const opening = Connection.open(parseAddress('ssh://nas'), {ssh, signal: stop.signal});
    const stopped = assert.rejects(opening, {code: 'aborted'});
    await until(() => existsSync(join(folder, 'false-ssh.ready')));
    assert.equal(calls().length, 2);
    stop.abort();
    await stopped;
    await until(() => existsSync(join(folder, 'false-ssh.ended')));
  });

  test('and its last words are the reason, whole, when it ends', async t => {
    const fails = "echo 'jangada-server: The folder is gone' >&2; exit 1";
    const {ssh} = startSsh(t, `${loggedIn}\n${fails}`);
    await assert.rejects(Connection.open(parseAddress('ssh://nas'), {ssh}), {
      code: 'unreachable',
      message:
        'No connection to ssh://nas: jangada-server on that machine says: The folder is gone',
    });
  });

  test('and the time until its server greets says nothing about the way to it', async t => {
    const greets = 'cat "$(dirname "$0")/greeting"; exec cat > /dev/null';
    const {folder, ssh} = startSsh(t, `${loggedIn}\n${greets}`);
    const limits = {payload: 1, pipelined: 1, ranges: 1, masks: 1, maskLength: 1};
    writeFileSync(
      join(folder, 'greeting'),
      encodeHello({protocol: 1, server: 'nas', algorithms: ['sha256'], token: false, limits}),
    );
    await using client = new Client(parseAddress('ssh://nas'), {ssh});
    assert.equal((await client.hello()).server, 'nas');
    assert.equal(client.roundTripMs, 0);
  });

  test('with a folder for its sockets that it takes as it is written, and that is short', async t => {
    const {calls, ssh, folder} = startSsh(t);
    for (const odd of [join(folder, '50%'), join(folder, '$x'), 'relative', `/${'x'.repeat(60)}`]) {
      process.env.XDG_RUNTIME_DIR = odd;
      await ssh.login(serverAt('ssh://nas'));
      assert.match(socketOf(calls().at(-1)), /^\/[^%$]{1,50}\/jangada-\w{6}\/0$/);
      assert.ok(!socketOf(calls().at(-1)).startsWith(odd));
      await ssh[Symbol.asyncDispose]();
    }
  });
});

test('an ssh that is not there is named with the option, and one that cannot start with the reason', async () => {
  await using ssh = new Ssh({command: '/no/\u001bssh'});
  await assert.rejects(ssh.login(serverAt('ssh://nas')), {
    code: 'usage',
    message:
      "Cannot find the program '/no/\\x1bssh'. Install OpenSSH, or name the program with --ssh",
  });
  const error = ssh.startError(Object.assign(new Error('spawn EACCES'), {code: 'EACCES'}));
  assert.ok(error instanceof JangadaError);
  assert.deepEqual(
    [error.code, error.message],
    ['local_io', "'/no/\\x1bssh' could not be started: spawn EACCES"],
  );
});
