import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {MaskJudge} from '../../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../../protocol/masks/masks.ts';
import {rootPath} from '../../../../../protocol/remote-path.ts';
import {stateAt, stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {LinkLoops} from '../../../../../server/store/folder/find/link-loops.ts';
import {SafeWalk} from '../../../../../server/store/folder/find/safe-walk.ts';
import {UnsearchedPlaces} from '../../../../../server/store/folder/find/unsearched-places.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {patientRoot} from '../../../../../server/store/folder/root/patient-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

function walkOf(t: TestContext) {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub/a'), '');
  writeFileSync(join(folder, 'sub/b'), '');
  const root = patientRoot(openRoot(folder));
  t.after(() => root.close());
  const loops = new LinkLoops(root, rootPath);
  const unsearched = new UnsearchedPlaces();
  const judge = new MaskJudge(prepareMasks(['**']));
  const state = new Int32Array(stateBytes / 4);
  const walk = new SafeWalk({root, base: rootPath, loops, state, judge, unsearched});
  const namesIn = (path: string) =>
    new Promise<string[]>((resolve, reject) => {
      walk.adapter.readdir?.(path, {withFileTypes: true}, (error, names) =>
        error === null ? resolve(names.map(({name}) => name).sort()) : reject(error),
      );
    });
  return {walk, state, unsearched, namesIn};
}

test('a search that was stopped reads no further folder, and tells none as unreadable', async t => {
  const {state, unsearched, namesIn} = walkOf(t);
  assert.deepEqual(await namesIn('/top/sub'), ['a', 'b']);
  state[stateAt.stop] = 1;
  assert.deepEqual(await namesIn('/top/sub'), []);
  assert.deepEqual(await namesIn('/top'), []);
  assert.deepEqual(unsearched.found, {count: 0, first: []});
});

test('each call to the file system is counted, and shown while it lasts, also if it fails', t => {
  const {walk, state} = walkOf(t);
  const shown: number[] = [];
  walk.reading(() => shown.push(state[stateAt.reading] ?? -1));
  assert.throws(
    () =>
      walk.reading(() => {
        throw new RangeError('of the call');
      }),
    RangeError,
  );
  assert.deepEqual([shown, state[stateAt.reading], state[stateAt.reads]], [[1], 0, 2]);
});

test('above the searched folder a walk sees only that folder, and a name that is gone is no fault', async t => {
  const {unsearched, namesIn} = walkOf(t);
  assert.deepEqual(await namesIn('/'), ['top']);
  await assert.rejects(namesIn('/top/half.jangada-part'), {code: 'forbidden'});
  assert.deepEqual(await namesIn('/top/gone'), []);
  assert.deepEqual(unsearched.found, {count: 1, first: [{name: 'gone', code: 'not_found'}]});
});
