import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isNothingHere} from '../../../../../source/transfers/download/here/nothing-here.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

test('something is here of a file whose name or partial is taken, and nothing of any other', t => {
  const folder = temporaryFolder(t);
  assert.equal(isNothingHere(join(folder, 'a')), true);
  writeFileSync(join(folder, 'a'), '');
  writeFileSync(join(folder, 'b.jangada-part'), '');
  assert.deepEqual(
    ['a', 'b', 'c'].map(name => isNothingHere(join(folder, name))),
    [false, false, true],
  );
  assert.equal(isNothingHere(join(folder, 'not there', 'a')), true);
});
