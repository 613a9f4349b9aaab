import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {askedOf, LimitSettings} from '../../../../../source/transfers/queue/work/limit-settings.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {openStore} from '../../../../fixtures/queue/stored-queue.ts';

test('an older limit of another process does not replace one that cannot be stored yet', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const other = openStore(t, file);
  const own = openStore(t, file);
  own.patienceMs = 0;
  const settings = new LimitSettings({}, own.limits);
  other.limits.save({files: 3});
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  settings.change({...settings.current, files: 7});
  assert.equal(settings.look(), false);
  assert.equal(settings.current.files, 7);
  holder.exec('COMMIT');
  settings.flush();
  assert.equal(other.limits.read().limits.files, 7);
});

test('a limit that could not be stored is stored by itself a moment later', t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const file = join(temporaryFolder(t), 'queue.db');
  const own = openStore(t, file);
  own.patienceMs = 0;
  const settings = new LimitSettings({}, own.limits);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  settings.change({...settings.current, files: 7});
  t.mock.timers.tick(250);
  assert.deepEqual(own.limits.read().limits, {});
  holder.exec('COMMIT');
  t.mock.timers.tick(249);
  assert.deepEqual(own.limits.read().limits, {});
  t.mock.timers.tick(1);
  const {limits, seq} = own.limits.read();
  assert.deepEqual(limits, {files: 7});
  // Once, so that a later one of another process counts.
  settings.flush();
  t.mock.timers.tick(1000);
  assert.equal(own.limits.read().seq, seq);
});

test('a change is told to all who listen, also one that came from another process, and to nobody who has left', t => {
  const {limits} = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const settings = new LimitSettings({files: 3}, limits);
  let [stays, leaves] = [0, 0];
  settings.onChange(() => stays++);
  const leave = settings.onChange(() => {
    leaves++;
    leave();
  });
  settings.change({...settings.current, bytesPerSecond: 900});
  limits.save({connectionsPerFile: 9});
  assert.deepEqual([settings.look(), settings.look()], [true, false]);
  assert.deepEqual([stays, leaves], [2, 1]);
  // What the command line has asked for is for this process alone.
  assert.deepEqual(limits.read().limits, {bytesPerSecond: 900, connectionsPerFile: 9});
  assert.deepEqual(settings.current, {files: 3, connectionsPerFile: 9, bytesPerSecond: 900});
});

test('limits that are none are refused at the start', () => {
  assert.throws(() => new LimitSettings({files: 17}), {code: 'usage'});
});

test('the connections of a queue are those of a file, and its files at once unless these are given', () => {
  const client = {bytesPerSecond: undefined};
  assert.deepEqual(askedOf({client}), {});
  assert.deepEqual(askedOf({connections: 3, client}), {connectionsPerFile: 3, files: 3});
  assert.deepEqual(askedOf({connections: 3, files: 2, client: {bytesPerSecond: 9}}), {
    connectionsPerFile: 3,
    files: 2,
    bytesPerSecond: 9,
  });
  assert.deepEqual(askedOf({files: 2, client}), {files: 2});
});
