import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import {test} from 'node:test';
import {LastWords} from '../../../../../../source/client/connection/ways/ssh/last-words.ts';
import {relayWords} from '../../../../../../source/client/connection/ways/ssh/relay-words.ts';

test('lines that ssh writes are kept whole, however they arrive, without empty ones', async () => {
  const stream = new PassThrough();
  const words = new LastWords(stream);
  assert.deepEqual(words.lines, []);
  for (const piece of ['Perm', 'ission denied\r', '\n\n  debug: é ', '\n', 'last']) {
    stream.write(piece);
  }

  await new Promise(setImmediate);
  assert.deepEqual(words.lines, ['Permission denied', 'debug: é', 'last']);
});

test('of endless lines the end is kept, and a stream that fails is no fault', async () => {
  const stream = new PassThrough();
  const words = new LastWords(stream);
  stream.write('x'.repeat(10_000));
  stream.write('\nlast');
  await new Promise(setImmediate);
  stream.destroy(new Error('EIO'));
  await new Promise(setImmediate);
  assert.deepEqual(words.lines, ['x'.repeat(4096 - 5), 'last']);
});

test('what ssh says while it asks is shown at once and safely, without the lines that become an error', async () => {
  const [from, to] = [new PassThrough(), new PassThrough()];
  relayWords(from, to);
  from.write('Permission denied, please try again.\r\n\r\nwarn\u001b[2J\n');
  from.write('me@nas: Permission denied (publickey).\nssh: connect to host nas\n');
  from.write('Host key verification failed.\nConnection closed by nas\nConnection reset by x\n');
  from.write('Connection timed out\nConnection is slow\n');
  await new Promise(setImmediate);
  assert.equal(
    to.read().toString(),
    'Permission denied, please try again.\nwarn\\x1b[2J\nConnection is slow\n',
  );
});
