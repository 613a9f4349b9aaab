import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {aborted, isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {Restarts} from '../../../../source/transfers/download/restarts.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {type RunDownloadOptions, runDownload} from '../../../fixtures/run-download.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** Download a file that has changed at each request for blocks. */
async function fetchChanging(t: TestContext, options: RunDownloadOptions): Promise<unknown> {
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.stat) {
      const entry = {name: 'a', type: 'file' as const, size: 100, mtimeMs: 1000, version: 'v'};
      socket.write(encodeAnswer('entry', entry));
    } else if (kind === frameKinds.get) {
      socket.write(encodeAnswer('error', {code: 'changed', message: 'It is another one'}));
    }
  });
  await using client = new Client(address);
  return await runDownload(client, temporaryFolder(t), options);
}

test('a file that keeps changing is tried for longer than caches live, and the reason says how often it changed', async t => {
  const told: number[] = [];
  const waited: number[] = [];
  const fetched = fetchChanging(t, {
    tools: {pause: async milliseconds => void waited.push(milliseconds)},
    tell(event) {
      if (event.type === 'changing') {
        told.push(event.delayMs);
      }
    },
  });
  await assert.rejects(fetched, error => {
    assert.ok(isJangadaError(error, 'changed'));
    assert.match(error.message, /^The file keeps changing on the server: 9 times in \d+ s\./);
    return true;
  });
  assert.deepEqual(told, waited);
  assert.equal(waited.length, 8);
  assert.ok((waited[0] ?? 0) >= 200 && (waited[0] ?? 0) <= 400, `${waited[0]} ms at first`);
  assert.ok(Math.max(...waited) <= 4000);
  assert.ok(waited.reduce((sum, ms) => sum + ms) >= 8000, `${waited} ms`);
});

test('a pause before another attempt ends at once when the download is stopped or must end', async t => {
  const stop = new AbortController();
  const stopped = fetchChanging(t, {
    tell: ({type}) => type === 'changing' && stop.abort(),
    signal: stop.signal,
  });
  await assert.rejects(stopped, error => isJangadaError(error, 'aborted'));
  const ending = new Ending();
  let paused = 0;
  const ended = fetchChanging(t, {
    tools: {
      ending,
      pause: (_milliseconds, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(aborted()));
          paused++;
          ending.begin(60_000);
        }),
    },
  });
  await assert.rejects(ended, error => isJangadaError(error, 'aborted'));
  assert.equal(paused, 1);
});

test('the reported time of the attempts begins with the first change', () => {
  let nowMs = 5000;
  const restarts = new Restarts(() => nowMs);
  const changed = new JangadaError('changed', 'It is another one');
  for (let count = 0; count < 8; count++) {
    assert.equal(restarts.next(changed).type, 'changing');
    nowMs += 2000;
  }

  assert.throws(() => restarts.next(changed), /9 times in 16 s/);
});

test('damaged blocks are fetched again three times, without a pause', () => {
  const restarts = new Restarts();
  const damaged = new JangadaError('digest_mismatch', 'A block arrived damaged');
  for (let count = 0; count < 3; count++) {
    assert.deepEqual(restarts.next(damaged), {type: 'lost'});
  }

  assert.throws(() => restarts.next(damaged), /damaged/);
});
