import assert from 'node:assert/strict';
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {openQueueStore} from '../../../../source/transfers/database/open-queue-store.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const skip = process.platform !== 'linux' && 'only Linux knows XDG folders';

/** A home folder and a current folder for this test. */
function goHome(t: TestContext): {home: string; here: string} {
  const {HOME} = process.env;
  const before = process.cwd();
  t.after(() => {
    process.env.HOME = HOME;
    process.chdir(before);
  });
  const [home, here] = [temporaryFolder(t), temporaryFolder(t)];
  process.env.HOME = home;
  process.chdir(here);
  return {home, here};
}

for (const XDG_STATE_HOME of ['relative', './state', '~/state', undefined, '']) {
  test(`the queue is below the home folder if XDG_STATE_HOME is ${XDG_STATE_HOME}`, {
    skip,
  }, t => {
    const {home, here} = goHome(t);
    using store = openQueueStore({XDG_STATE_HOME}).store;
    assert.ok(store !== undefined);
    assert.ok(existsSync(join(home, '.local/state/jangada/queue.db')));
    assert.deepEqual(readdirSync(here), []);
  });
}

test('the queue is in an absolute XDG_STATE_HOME', {skip}, t => {
  const {here} = goHome(t);
  using store = openQueueStore({XDG_STATE_HOME: join(here, 'state')}).store;
  assert.ok(store !== undefined);
  assert.ok(existsSync(join(here, 'state/jangada/queue.db')));
});

test('a JANGADA_STATE below ~USER, which the shell has not expanded, makes no folder', t => {
  const {here} = goHome(t);
  const {store, notice} = openQueueStore({JANGADA_STATE: '~bob/state'});
  assert.equal(store, undefined);
  assert.match(
    notice ?? '',
    /^The queue cannot be kept when this program ends: Invalid value '~bob\/state' for JANGADA_STATE/,
  );
  assert.deepEqual(readdirSync(here), []);
});
