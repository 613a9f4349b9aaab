import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {Pool} from '../../../source/client/pool.ts';
import {Retries} from '../../../source/client/retries.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

test('a call that pauses before another attempt can be stopped', async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, {size: 1, retries: 5, retryFirst: false});
  t.after(() => pool.close());
  const stop = new AbortController();
  const retries = new Retries(pool, stop.signal);
  const lost = new JangadaError('connection_lost', 'The connection is lost');
  // The first attempt follows at once, the second after a pause.
  await retries.after(lost);
  const pause = retries.after(lost);
  stop.abort();
  await assert.rejects(pause, error => isJangadaError(error, 'aborted'));
});
