import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {until} from '../../../../fixtures/harness.ts';
import {openApp} from '../../model/open-app.ts';

test('another algorithm repeats the shown hash, but not the hash of a file that is not shown', async t => {
  const {app, target, type} = await openApp(t, {'a.txt': 'boat', 'b.txt': 'raft'});
  writeFileSync(join(target, 'a.txt'), 'boat');
  const hash = () => app.view().verifier.hash;
  const choose = async (key: string) => {
    type('2a');
    await until(() => app.view().dialog !== undefined);
    type(key);
    await until(() => app.view().dialog === undefined);
  };
  const hashed = async (algorithm: string) => {
    await until(() => {
      const now = hash();
      return now.name === 'hashed' && now.algorithm === algorithm;
    });
  };
  type('v');
  await until(() => app.view().verifier.state.name === 'compared');
  type('2p\r');
  await hashed('sha256');
  await choose('1');
  await hashed('sha1');

  type('1j');
  const before = hash();
  await choose('b');
  assert.equal(hash(), before);
  assert.notEqual(app.view().details, undefined);

  type('1k2p\r');
  await hashed('blake3');
});
