import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import process from 'node:process';
import {test} from 'node:test';
import {formatAddress} from '../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../protocol/frame.ts';
import {temporaryFolder, until} from '../fixtures/harness.ts';
import {startHostileServer} from '../fixtures/server/hostile-server.ts';
import {programWords} from './journey.ts';

/** The highest memory use of the process so far, in megabytes. */
function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1000;
}

test('a client of a server that lists files without end stays small, and ends when it is interrupted', {
  skip: process.platform !== 'linux',
}, async t => {
  let named = 0;
  // The server answers only the search, so no file arrives.
  const address = await startHostileServer(t, (socket, {kind}) => {
    const more = () => {
      const entries = Array.from({length: 1000}, () => {
        const name = `folder-${named % 1000}/file-${named++}.txt`;
        return {name, type: 'file', size: 1, mtimeMs: 0};
      });
      if (!socket.destroyed) {
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})), () =>
          setImmediate(more),
        );
      }
    };
    if (kind === frameKinds.find) {
      more();
    }
  });
  const folder = temporaryFolder(t);
  const [file = '', ...words] = programWords('jangada', [
    ...['mget', '**', '--server', formatAddress(address), '--to', folder, '--quiet'],
  ]);
  const env = {...process.env, JANGADA_STATE: temporaryFolder(t)};
  const child = spawn(file, words, {env, stdio: 'ignore'});
  t.after(() => child.kill('SIGKILL'));
  const {pid} = child;
  assert.ok(pid !== undefined);
  await until(() => named > 200_000);
  assert.ok(peakMegabytes(pid) < 200, `${peakMegabytes(pid)} MB`);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [130, null]);
});
