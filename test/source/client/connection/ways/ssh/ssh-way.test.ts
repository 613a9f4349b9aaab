import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {suite, type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../../../../protocol/errors.ts';
import {Ssh} from '../../../../../../source/client/connection/ways/ssh/ssh.ts';
import {openSsh} from '../../../../../../source/client/connection/ways/ssh/ssh-way.ts';
import {makeFalseSsh, withoutFalseSsh} from '../../../../../fixtures/false-ssh.ts';

/** Begin a connection through an ssh that logs in, and whose channel then does `does`. */
async function endOf(t: TestContext, does: string): Promise<{error: Error; received: string}> {
  const {program} = makeFalseSsh(t, `case "$*" in *-N*|*-O*) exit 0;; esac\n${does}`);
  const server = {scheme: 'ssh', host: 'nas', root: '.'} as const;
  const ssh = new Ssh({command: program});
  t.after(() => ssh[Symbol.asyncDispose]());
  const buffer = Buffer.alloc(100);
  const received: string[] = [];
  const errors: Error[] = [];
  const closed = Promise.withResolvers<void>();
  openSsh(
    server,
    {
      open() {},
      ended() {},
      room: () => buffer,
      read(count, bytes) {
        received.push(Buffer.from(bytes.subarray(0, count)).toString());
        return true;
      },
      failed: error => errors.push(error),
      closed: closed.resolve,
    },
    ssh,
  );
  await closed.promise;
  const [error] = errors;
  assert.ok(error !== undefined);
  return {error, received: received.join('')};
}

suite('a channel of ssh that ends', {skip: withoutFalseSsh}, () => {
  const complaint = "echo 'client_loop: send disconnect: Broken pipe' >&2; exit 255";

  test('after bytes of the server was a connection that is lost now', async t => {
    const {error, received} = await endOf(t, `printf hello; ${complaint}`);
    assert.equal(received, 'hello');
    assert.ok(isJangadaError(error, 'connection_lost'), String(error));
  });

  test('without a byte has not reached the server', async t => {
    const {error, received} = await endOf(t, complaint);
    assert.equal(received, '');
    assert.ok(isJangadaError(error, 'unreachable'), String(error));
  });
});
