/** SIGHUP, as an event of this process. */
import assert from 'node:assert/strict';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {hangUp, hearHangup} from '../../server/hangup.ts';
import {testDoor} from '../fixtures/door.ts';

function hear(t: TestContext) {
  const before = process.listeners('SIGHUP');
  const act = hearHangup();
  t.after(() => {
    for (const listener of process.listeners('SIGHUP').filter(one => !before.includes(one))) {
      process.off('SIGHUP', listener);
    }
  });
  return {act, signal: () => process.emit('SIGHUP', 'SIGHUP')};
}

function start(t: TestContext, {isInWindow = false, tls = false}) {
  const lines: string[] = [];
  const done: string[] = [];
  return {
    lines,
    done,
    hung: {
      door: testDoor(t, {tls}),
      logger: pino({level: 'info'}, {write: line => lines.push(line)}),
      isInWindow,
      reload: () => done.push('reload'),
      stop: () => done.push('stop'),
    },
  };
}

test('a signal that comes while the server starts counts once it has started', t => {
  const {act, signal} = hear(t);
  let acted = 0;
  signal();
  act(() => acted++);
  assert.equal(acted, 1);
  signal();
  assert.equal(acted, 2);
});

test('a server that starts without a signal does nothing until one comes', t => {
  const {act, signal} = hear(t);
  let acted = 0;
  act(() => acted++);
  assert.equal(acted, 0);
  signal();
  assert.equal(acted, 1);
});

for (const isInWindow of [false, true]) {
  const where = isInWindow ? 'in a window' : 'without a window';
  test(`a server with TLS ${where} reads its certificate again`, t => {
    const {done, hung, lines} = start(t, {isInWindow, tls: true});
    hangUp(hung);
    assert.deepEqual(done, ['reload']);
    assert.match(
      lines[0] ?? '',
      /"fingerprint":"sha256:[\da-f]{64}".*"read the certificate again"/,
    );
  });
}

test('a server without TLS goes on, and says that there is no certificate to read again', t => {
  const {done, hung, lines} = start(t, {});
  hangUp(hung);
  assert.deepEqual(done, []);
  assert.match(lines[0] ?? '', /"level":30.*no certificate to read again/);
});

test('a server without TLS ends when its window is closed', t => {
  const {done, hung} = start(t, {isInWindow: true});
  hangUp(hung);
  assert.deepEqual(done, ['stop']);
});

test('a certificate that cannot be read again is an error in the log, and the server goes on', t => {
  const {hung, lines} = start(t, {tls: true});
  const fail = () => {
    throw new Error('no key');
  };
  hangUp({...hung, reload: fail});
  assert.match(lines[0] ?? '', /"level":50.*no key.*the previous one stays in use/);
});
