/** Connections over ssh while this process can open no more files: they fail, and the program goes on. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {temporaryFolder} from '../../../../../fixtures/harness.ts';
import {withTypeScript} from '../../../../../fixtures/with-typescript.ts';

const ssh = 'source/client/connection/ways/ssh';
const skip =
  process.platform !== 'linux' && 'elsewhere, other calls fail first, or there is no limit';

suite('with too few descriptors, an error with that reason is the result of', {skip}, () => {
  test('a login', t => {
    const program = join(temporaryFolder(t), 'ssh');
    symlinkSync('/bin/sh', program);
    assertOutOfFiles(
      `
        import {Ssh} from ${source(`${ssh}/ssh.ts`)};
        const ssh = new Ssh({command: '${program} -c "exit 1"'});`,
      `await ssh.login({scheme: 'ssh', host: 'nas', root: '.'});`,
      'unreachable',
    );
  });

  test('a pair of sockets', t => {
    const path = join(temporaryFolder(t), 'pair');
    assertOutOfFiles(
      `
        import {socketPair} from ${source(`${ssh}/socket-pair.ts`)};
        const onread = {buffer: Buffer.alloc(1), callback: () => true};`,
      `
        const {near, far} = await socketPair('${path}', onread);
        near.destroy();
        far.destroy();`,
      'nothing',
    );
  });

  test('a connection through a login', () => {
    assertOutOfFiles(
      `
        import {Ssh} from ${source(`${ssh}/ssh.ts`)};
        import {openSsh} from ${source(`${ssh}/ssh-way.ts`)};
        const ssh = new Ssh({command: '/bin/sh -c "exit 1"'});
        ssh.login = async () => {};
        const server = {scheme: 'ssh', host: 'nas', root: '.'};
        const room = Buffer.alloc(1);`,
      `
        const failures = [];
        await new Promise(closed => {
          const failed = failure => failures.push(failure);
          openSsh(server, {room: () => room, read: () => true, open() {}, failed, closed}, ssh);
        });
        throw failures[0];`,
      'unreachable',
    );
  });
});

/**
 * Runs `call` in a process of its own: with no free descriptor, with one, and so on, until they are enough.
 *
 * @param last the code of the failure with enough descriptors.
 */
function assertOutOfFiles(prelude: string, call: string, last: string): void {
  const script = `
    import {closeSync, openSync} from 'node:fs';
    import {isOutOfFiles} from ${source('protocol/errors.ts')};
    ${prelude}
    let failed = 0;
    let last = 'nothing';
    for (let isEnough = false; !isEnough; ) {
      const taken = [];
      try {
        for (;;) {
          taken.push(openSync('/dev/null', 'r'));
        }
      } catch {}
      for (let free = 0; free < failed; free++) {
        closeSync(taken.pop());
      }
      try {
        ${call}
        isEnough = true;
      } catch (error) {
        isEnough = !isOutOfFiles(error);
        last = isEnough ? (error.code ?? error) : last;
      }
      taken.forEach(fd => closeSync(fd));
      failed += isEnough ? 0 : 1;
    }
    // An error that nobody listens for would come now.
    await new Promise(resolve => setImmediate(resolve));
    console.log(failed > 2, last);
    process.exit();`;
  const words = [process.execPath, ...withTypeScript, '--input-type=module', '-e', script];
  const limited = ['-c', 'ulimit -n 128; exec "$@"', 'sh', ...words];
  assert.equal(execFileSync('sh', limited, {encoding: 'utf8', timeout: 30_000}), `true ${last}\n`);
}

function source(name: string): string {
  return JSON.stringify(import.meta.resolve(`../../../../../../${name}`));
}
