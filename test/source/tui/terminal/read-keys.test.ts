import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {readKeys} from '../../../../source/tui/terminal/read-keys.ts';
import {holdUp} from '../../../fixtures/effort.ts';
import {until} from '../../../fixtures/harness.ts';

/** Keys that are read from one end of a connection, and the other end to type at. */
async function startKeys(t: TestContext): Promise<{typing: Socket; keys: string[]}> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const typing = connect(typeof address === 'object' && address !== null ? address.port : 0);
  const [read]: Socket[] = await once(listener, 'connection');
  assert.ok(read !== undefined);
  const keys: string[] = [];
  // Of a terminal, all that is used is that it gives bytes.
  const stop = readKeys(read as unknown as NodeJS.ReadStream, {
    onKey: ({name}) => keys.push(name),
    onPaste: () => undefined,
  });
  t.after(() => {
    stop();
    typing.destroy();
    read.destroy();
    listener.close();
  });
  return {typing, keys};
}

test('an Escape that nothing follows is one, and what comes later is for itself', async t => {
  const {typing, keys} = await startKeys(t);
  typing.write('\u001b');
  await until(() => keys.length === 1);
  typing.write('[B');
  await until(() => keys.length === 3);
  assert.deepEqual(keys, ['escape', '[', 'B']);
});

test('a sequence whose rest is there, but unread while the process was held up, is one key', async t => {
  const {typing, keys} = await startKeys(t);
  // The key before it says when this piece has been read.
  typing.write('a\u001b');
  await until(() => keys.length === 1);
  // Behind what is read in this turn: in the next, timers come before reading.
  await turn();
  typing.write('[B');
  holdUp(200);
  await until(() => keys.length > 1);
  assert.deepEqual(keys, ['a', 'down']);
});
