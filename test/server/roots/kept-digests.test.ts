import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {keptDigests} from '../../../server/roots/kept-digests.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

test('a bucket keeps its digests itself, unless another place was chosen; a folder never does', t => {
  const folder = temporaryFolder(t);
  const environment = {JANGADA_STATE: join(folder, 'state')};
  const none = {kind: 'memory'} as const;
  const own = {kind: 'folder', folder: join(folder, 'digests')} as const;
  for (const [option, root, hasShelf, keepsDigests] of [
    [undefined, 's3://photos', false, true],
    [none, 's3://photos', false, false],
    [own, 's3://photos', true, false],
    [undefined, '/srv/files', true, false],
    [none, '/srv/files', false, false],
    [own, '/srv/files', true, false],
  ] as const) {
    const kept = keptDigests(option, root, environment);
    t.after(() => kept.shelf?.close());
    assert.deepEqual([kept.shelf !== undefined, kept.keepsDigests], [hasShelf, keepsDigests]);
  }
});
