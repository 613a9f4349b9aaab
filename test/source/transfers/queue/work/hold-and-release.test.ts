/** When places are held against other processes, and when these get them back. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {Holder} from '../../../../../source/transfers/database/locks/places.ts';
import {HeldPlaces} from '../../../../../source/transfers/queue/work/held-places.ts';

const {signal} = new AbortController();
const other: Holder = {host: 'lab', pid: 7};
const sqliteError = (errcode: number) => Object.assign(new Error('of SQLite'), {errcode});
const [busy, full] = [5, 13];

/** Held places, and a store that records its calls; `fault` is thrown by each of them. */
function startPlaces(t: TestContext) {
  t.mock.timers.enable({apis: ['setTimeout']});
  const calls: string[] = [];
  const others = new Map<string, Holder>();
  const state: {fault: Error | undefined; readFault: Error | undefined} = {
    fault: undefined,
    readFault: undefined,
  };
  const write = (call: string) => {
    calls.push(call);
    if (state.fault !== undefined) {
      throw state.fault;
    }
  };
  const among = (places: readonly string[]) =>
    new Map([...others].filter(([place]) => places.includes(place)));
  const places = new HeldPlaces({
    hold(targets, released = []) {
      write(`hold ${targets.join()} release ${released.join()}`);
      return among(targets);
    },
    holders(targets) {
      calls.push(`holders ${targets.join()}`);
      if (state.readFault !== undefined) {
        throw state.readFault;
      }

      return among(targets);
    },
    release: targets => write(`release ${targets.join()}`),
    fetchSmallFiles: (folder, isAtWork) => write(`${isAtWork ? 'fetch' : 'leave'} ${folder}`),
    smallFilesHolder() {
      if (state.fault !== undefined) {
        throw state.fault;
      }

      return other;
    },
  });
  t.after(() => places[Symbol.dispose]());
  return {places, calls, others, state};
}

test('places that are free again are released together, half a second later', async t => {
  const {places, calls} = startPlaces(t);
  await places.hold(['/a', '/b'], signal);
  await places.hold(['/c'], signal);
  places.release(['/a']);
  t.mock.timers.tick(300);
  places.release(['/c']);
  t.mock.timers.tick(199);
  assert.deepEqual(calls, ['hold /a,/b release ', 'hold /c release ']);
  t.mock.timers.tick(1);
  assert.deepEqual(calls.slice(2), ['release /a,/c']);
  t.mock.timers.tick(1000);
  assert.equal(calls.length, 3);
  places.release(['/b']);
  places[Symbol.dispose]();
  assert.deepEqual(calls.slice(3), ['release /b']);
});

test('a place that is taken again before that is not released, and others are with the next one that is held', async t => {
  const {places, calls} = startPlaces(t);
  await places.hold(['/a', '/b'], signal);
  places.release(['/a', '/b']);
  await places.hold(['/a'], signal);
  assert.deepEqual(calls, ['hold /a,/b release ', 'hold /a release /b']);
  t.mock.timers.tick(1000);
  assert.equal(calls.length, 2);
});

test('places that cannot be released now are released later', async t => {
  const {places, calls, state} = startPlaces(t);
  await places.hold(['/a'], signal);
  const small = await places.fetchSmallFiles('/to', signal);
  state.fault = sqliteError(busy);
  places.release(['/a']);
  small[Symbol.dispose]();
  t.mock.timers.tick(500);
  state.fault = undefined;
  calls.length = 0;
  t.mock.timers.tick(500);
  assert.deepEqual(calls, ['release /a', 'leave /to']);
});

test('a folder is one of small files from the first group to the end of the last', async t => {
  const {places, calls} = startPlaces(t);
  const first = await places.fetchSmallFiles('/to', signal);
  const second = await places.fetchSmallFiles('/to', signal);
  await places.fetchSmallFiles('/else', signal);
  assert.deepEqual(calls, ['fetch /to', 'fetch /else']);
  first[Symbol.dispose]();
  t.mock.timers.tick(1000);
  second[Symbol.dispose]();
  // A third group begins before that was written.
  const third = await places.fetchSmallFiles('/to', signal);
  t.mock.timers.tick(1000);
  assert.equal(calls.length, 2);
  third[Symbol.dispose]();
  t.mock.timers.tick(500);
  assert.deepEqual(calls.slice(2), ['leave /to']);
  await places.fetchSmallFiles('/to', signal);
  assert.deepEqual(calls.slice(3), ['fetch /to']);
});

test('a place that another process lets go of a moment later is waited for', async t => {
  const {places, calls, others} = startPlaces(t);
  others.set('/a', other);
  let isHeld = false;
  const holding = places.hold(['/a'], signal).then(refused => {
    assert.equal(refused, undefined);
    isHeld = true;
  });
  await turn();
  assert.equal(isHeld, false);
  others.clear();
  await holding;
  // On a busy machine it may have tried again before the place was free.
  assert.ok(calls.length >= 2);
  assert.deepEqual(new Set(calls), new Set(['hold /a release ']));
  await assert.rejects(places.hold(['/a'], signal), {
    code: 'locked',
    message: 'Another transfer here saves to /a: try again when it has ended',
  });
});

test('a place that another process keeps is refused after a second and a half, and all others are free again', async t => {
  const {places, calls, others} = startPlaces(t);
  others.set('/b', other);
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const holding = places.hold(['/a', '/b'], signal);
  nowMs = 1500;
  await turn();
  nowMs = 1501;
  assert.deepEqual(await holding, {place: '/b', holder: other});
  assert.equal(calls.length, 2);
  assert.equal(await places.hold(['/a'], signal), undefined);
});

test('a database that another process has locked is waited for; one that is full holds no download up', async t => {
  const {places, calls, others, state} = startPlaces(t);
  state.fault = sqliteError(busy);
  const holding = places.hold(['/a'], signal);
  await turn();
  assert.deepEqual(calls, ['hold /a release ']);
  state.fault = undefined;
  assert.equal(await holding, undefined);
  for (const fault of [sqliteError(full), Object.assign(new Error('EACCES'), {code: 'EACCES'})]) {
    state.fault = fault;
    const name = String(fault);
    calls.length = 0;
    assert.equal(await places.hold([name], signal), undefined);
    assert.deepEqual(calls, [`hold ${name} release `, `holders ${name}`]);
    (await places.fetchSmallFiles(`/${name}`, signal))[Symbol.dispose]();
    assert.equal(places.smallFilesHolder('/x'), undefined);
    state.readFault = fault;
    assert.equal(await places.hold([`${name} again`], signal), undefined);
    state.readFault = undefined;
  }

  let nowMs = 0;
  t.mock.method(performance, 'now', () => (nowMs += 2000));
  others.set('/taken', other);
  assert.deepEqual(await places.hold(['/taken'], signal), {place: '/taken', holder: other});
});

test('a fault of the program is no fault of the database', async t => {
  const {places, state} = startPlaces(t);
  state.fault = new TypeError('no function');
  await assert.rejects(places.hold(['/a'], signal), TypeError);
  await assert.rejects(places.fetchSmallFiles('/to', signal), TypeError);
  assert.throws(() => places.smallFilesHolder('/a'), TypeError);
  state.fault = undefined;
  // Nothing is held after it.
  assert.equal(await places.hold(['/a'], signal), undefined);
  assert.deepEqual(places.smallFilesHolder('/a'), other);
});

test('another process that saves to a place is known without a write', t => {
  const {places, calls, others, state} = startPlaces(t);
  others.set('/a', other);
  assert.deepEqual([places.otherHolder('/a'), places.otherHolder('/b')], [other, undefined]);
  assert.deepEqual(calls, ['holders /a', 'holders /b']);
  state.readFault = sqliteError(busy);
  assert.equal(places.otherHolder('/a'), undefined);
});
