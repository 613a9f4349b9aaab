import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {patientRoot} from '../../../../../server/store/folder/root/patient-root.ts';
import {storeError} from '../../../../../server/store/store-errors.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

const path = parseRemotePath('');
const outOfFiles = storeError(Object.assign(new Error('EMFILE'), {code: 'EMFILE'}), path);

/** A root whose calls number `from` to `to` find no descriptor. By the fake clock each wait takes a second. */
function rootWithout(t: TestContext, from: number, to: number) {
  const root = openRoot(temporaryFolder(t));
  t.after(() => root.close());
  let nowMs = 0;
  t.mock.method(performance, 'now', () => {
    nowMs += 1000;
    return nowMs;
  });
  const made = {calls: 0};
  const stat: typeof root.stat = path => {
    made.calls++;
    assert.ok(made.calls < 30, 'it is given up');
    if (made.calls >= from && made.calls <= to) {
      throw outOfFiles;
    }

    return Object.getPrototypeOf(root).stat.call(root, path);
  };
  return {patient: patientRoot(Object.assign(root, {stat})), made};
}

test('a call that finds no descriptor three times is tried a fourth time', t => {
  const {patient, made} = rootWithout(t, 1, 3);
  assert.ok(patient.stat(path).isDirectory());
  assert.equal(made.calls, 4);
});

test('a search waits for descriptors for ten seconds in total, and then no longer', t => {
  const {patient, made} = rootWithout(t, 1, 1000);
  assert.throws(() => patient.stat(path), {code: 'busy'});
  assert.equal(made.calls, 11);
  for (let further = 12; further < 20; further++) {
    assert.throws(() => patient.patiently(() => patient.stat(path)), {code: 'busy'});
    assert.equal(made.calls, further);
  }
});

test('a search that has used up its waiting time still uses free descriptors', t => {
  const {patient, made} = rootWithout(t, 1, 11);
  assert.throws(() => patient.stat(path), {code: 'busy'});
  assert.ok(patient.stat(path).isDirectory());
  assert.equal(made.calls, 12);
});
