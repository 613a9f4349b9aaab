/** What a process that ends does with its connections through ssh. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import process from 'node:process';
import {suite, test} from 'node:test';
import {makeFalseSsh, withoutFalseSsh} from '../../../../../fixtures/false-ssh.ts';
import {withTypeScript} from '../../../../../fixtures/with-typescript.ts';

/** Run `program` in a process that has logged in with `ssh` at `server`. */
function runLoggedIn(falseSsh: string, program: string) {
  const module = new URL(
    '../../../../../../source/client/connection/ways/ssh/ssh.ts',
    import.meta.url,
  );
  const script = `
    import {Ssh} from '${module.href}';
    const ssh = new Ssh({command: '${falseSsh}'});
    const server = {scheme: 'ssh', host: 'nas', root: '.'};
    setTimeout(() => process.exit(99), 20_000).unref();
    const turn = () => new Promise(resolve => setTimeout(resolve, 100));
    ${program}`;
  const words = [...withTypeScript, '--input-type=module', '--eval', script];
  const {status, signal, stdout, stderr} = spawnSync(process.execPath, words, {encoding: 'utf8'});
  return {end: signal ?? status, stdout, stderr};
}

suite('a process that has logged in with ssh', {skip: withoutFalseSsh}, () => {
  for (const [what, program, end] of [
    ['exits', 'await ssh.login(server); process.exit(7);', 7],
    [
      'is ended by SIGTERM',
      "ssh.endOnSignals(); await ssh.login(server); process.kill(process.pid, 'SIGTERM'); await new Promise(() => {});",
      'SIGTERM',
    ],
    [
      'is ended by SIGHUP',
      "ssh.endOnSignals(); await ssh.login(server); process.kill(process.pid, 'SIGHUP'); await new Promise(() => {});",
      'SIGHUP',
    ],
    [
      'is ended by SIGINT',
      "ssh.endOnSignals(); await ssh.login(server); process.kill(process.pid, 'SIGINT'); await new Promise(() => {});",
      'SIGINT',
    ],
  ] as const) {
    test(`and ${what} has ssh close its connection, and leaves no folder`, t => {
      const {calls, program: falseSsh, sockets} = makeFalseSsh(t);
      const ran = runLoggedIn(falseSsh, `const alive = setInterval(() => {}, 1000); ${program}`);
      assert.deepEqual([ran.end, ran.stderr], [end, '']);
      const last = calls().at(-1) ?? [];
      assert.deepEqual(
        [calls().length, last.slice(last.indexOf('-O'))],
        [2, ['-O', 'exit', 'nas']],
      );
      assert.deepEqual(sockets(), []);
    });
  }

  test('and has other listeners of a signal leaves the end to them', t => {
    const {calls, program: falseSsh} = makeFalseSsh(t);
    const ran = runLoggedIn(
      falseSsh,
      `const alive = setInterval(() => {}, 1000);
      ssh.endOnSignals();
      process.once('SIGTERM', () => setTimeout(() => process.exit(5), 50));
      await ssh.login(server);
      process.kill(process.pid, 'SIGTERM');`,
    );
    assert.deepEqual([ran.end, ran.stderr], [5, '']);
    assert.equal(calls()[1]?.includes('-O'), true);
  });

  test('and is being ended by a signal opens no other connection, and leaves no folder', t => {
    const {program: falseSsh, sockets} = makeFalseSsh(t);
    const ran = runLoggedIn(
      falseSsh,
      `const alive = setInterval(() => {}, 1000);
      ssh.endOnSignals();
      process.once('SIGHUP', async () => {
        // What wants to connect again learns that the process ends.
        const error = await (async () => ssh.channel(server, {}))().catch(error => error);
        console.log(error.code);
        process.kill(process.pid, 'SIGHUP');
      });
      await ssh.login(server);
      process.kill(process.pid, 'SIGHUP');`,
    );
    assert.deepEqual([ran.end, ran.stdout, ran.stderr], ['SIGHUP', 'aborted\n', '']);
    assert.deepEqual(sockets(), []);
  });

  test('goes on when Ctrl-C was for the ssh that has the terminal, and ends with the next one', t => {
    const refused = `case " $* " in *BatchMode*) echo 'Permission denied' >&2; exit 255;; esac`;
    const {calls, program: falseSsh} = makeFalseSsh(t, refused);
    const ran = runLoggedIn(
      falseSsh,
      `ssh.endOnSignals();
      ssh.lend = async use => {
        process.kill(process.pid, 'SIGINT');
        await turn();
        await use();
      };
      await ssh.login(server, {mayAsk: true});
      console.log('logged in');
      process.kill(process.pid, 'SIGINT');
      await turn();
      console.log('alive');`,
    );
    assert.deepEqual([ran.end, ran.stdout], ['SIGINT', 'logged in\n']);
    assert.equal(calls().at(-1)?.includes('-O'), true);
  });

  test('and is done with it is kept alive by nothing, and hears signals as before', t => {
    const {calls, program: falseSsh, sockets} = makeFalseSsh(t);
    const ran = runLoggedIn(
      falseSsh,
      `ssh.endOnSignals();
      await ssh.login(server);
      await ssh[Symbol.asyncDispose]();
      const names = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'];
      const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout');
      console.log(names.map(name => process.listeners(name).some(({name}) => name.startsWith('#on'))).join(), timers.length);`,
    );
    assert.deepEqual([ran.end, ran.stdout], [0, 'false,false,false,false 0\n']);
    assert.equal(calls().length, 2);
    assert.deepEqual(sockets(), []);
  });
});
