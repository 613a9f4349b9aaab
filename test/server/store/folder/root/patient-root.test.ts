import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {patientRoot} from '../../../../../server/store/folder/root/patient-root.ts';
import {storeError} from '../../../../../server/store/store-errors.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

const path = parseRemotePath('');
const outOfFiles = storeError(Object.assign(new Error('EMFILE'), {code: 'EMFILE'}), path);

for (const [failures, expected] of [
  [3, 'folder'],
  [1000, 'busy'],
] as const) {
  test(`a call for which no descriptor is left ${failures} times ends with ${expected}`, t => {
    const root = openRoot(temporaryFolder(t));
    t.after(() => root.close());
    let nowMs = 0;
    t.mock.method(performance, 'now', () => {
      nowMs += 1000;
      return nowMs;
    });
    let calls = 0;
    const stat: typeof root.stat = path => {
      calls++;
      assert.ok(calls < 20, 'it is given up');
      if (calls <= failures) {
        throw outOfFiles;
      }

      return Object.getPrototypeOf(root).stat.call(root, path);
    };
    const patient = patientRoot(Object.assign(root, {stat}));
    if (expected === 'busy') {
      assert.throws(() => patient.stat(path), {code: expected});
    } else {
      assert.ok(patient.stat(path).isDirectory());
      assert.equal(calls, failures + 1);
    }
  });
}
