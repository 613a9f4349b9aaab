import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {pino} from 'pino';
import {PatientShelf} from '../../../server/indexes/patient-shelf.ts';
import {MemoryShelf} from '../../fixtures/server/memory-shelf.ts';

const file = {path: 'a', state: 's', size: 5_000_000, algorithm: 'sha256'} as const;

function patientShelf(t: TestContext) {
  t.mock.timers.enable({apis: ['setTimeout', 'setInterval']});
  const lines: {times: number; cause: string; msg: string}[] = [];
  const logger = pino({level: 'warn'}, {write: line => lines.push(JSON.parse(line))});
  const shelf = new MemoryShelf();
  return {lines, shelf, patient: new PatientShelf(shelf, logger, 100)};
}

test('a call that was answered in time is not told to be late afterwards', async t => {
  const {lines, shelf, patient} = patientShelf(t);
  await patient.load(file, 0);
  await patient.save(file, 0, []);
  shelf.trouble = Promise.reject(new Error('a fault'));
  shelf.trouble.catch(() => {});
  await patient.load(file, 0);
  t.mock.timers.tick(1000);
  shelf.trouble = Promise.resolve();
  await patient.load(file, 0);
  assert.equal(shelf.loads, 3);
  assert.deepEqual(
    lines.map(({cause}) => cause),
    ['a fault'],
  );
});

test('a late call is told with its patience, and the shelf rests until that call has ended, even badly', async t => {
  const {lines, shelf, patient} = patientShelf(t);
  const {promise, reject} = Promise.withResolvers<void>();
  shelf.trouble = promise;
  const late = patient.load(file, 0);
  const alsoLate = patient.save(file, 0, []);
  t.mock.timers.tick(99);
  await turn();
  assert.equal(lines.length, 0);
  t.mock.timers.tick(1);
  assert.deepEqual(await late, []);
  await alsoLate;
  await patient.load(file, 0);
  await patient.save(file, 0, []);
  assert.deepEqual([shelf.loads, shelf.saves], [1, 1]);
  assert.deepEqual(lines[0]?.cause, 'no answer for 100 ms');
  assert.match(lines[0]?.msg ?? '', /may have to read the files again/);
  reject(new Error('gone at last'));
  await turn();
  shelf.trouble = Promise.resolve();
  await patient.load(file, 0);
  assert.equal(shelf.loads, 2);
});

test('further faults are told together once a minute, and the rest when the server stops', async t => {
  const {lines, shelf, patient} = patientShelf(t);
  shelf.load = () => {
    throw new Error('at once');
  };
  for (let time = 0; time < 5; time++) {
    assert.deepEqual(await patient.load(file, 0), []);
  }

  assert.deepEqual(
    lines.map(({times}) => times),
    [1],
  );
  t.mock.timers.tick(60_000);
  assert.deepEqual(
    lines.map(({times}) => times),
    [1, 4],
  );
  await patient.load(file, 0);
  await patient.close();
  assert.deepEqual(
    lines.map(({times}) => times),
    [1, 4, 1],
  );
  assert.equal(shelf.closed, true);
});
