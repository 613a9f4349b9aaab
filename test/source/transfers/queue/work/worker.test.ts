/** What becomes of a transfer when its download says something: its state, and who hears of it. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {type ErrorCode, JangadaError} from '../../../../../protocol/errors.ts';
import {Client} from '../../../../../source/client/client.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {TargetFolders} from '../../../../../source/transfers/disk/folders/target-folders.ts';
import {Publisher} from '../../../../../source/transfers/queue/rows/publisher.ts';
import {newRow, type RowEvent} from '../../../../../source/transfers/queue/rows/row.ts';
import {RowChanges} from '../../../../../source/transfers/queue/rows/row-changes.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import {LimitSettings} from '../../../../../source/transfers/queue/work/limit-settings.ts';
import {Worker} from '../../../../../source/transfers/queue/work/worker.ts';
import type {ConflictPolicy} from '../../../../../source/transfers/terms/conflict-policy.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

/** A worker that begins nothing by itself, with rows 1 to 3, of which the first runs. */
function startWorker(t: TestContext, options: {onConflict?: ConflictPolicy; keeps?: boolean} = {}) {
  const {onConflict = 'fail', keeps = false} = options;
  const rows = new Rows();
  const changes = new RowChanges(rows, new Publisher(() => undefined), () => undefined);
  changes.put([1, 2, 3].map(id => newRow(id, id, {...newTransfer(`f${id}`), onConflict})));
  const ending = new Ending();
  const targets = new TargetFolders();
  const heard: string[] = [];
  const client = new Client(parseAddress('127.0.0.1:9'));
  const worker = new Worker(
    {
      ...{client, rows, changes, ending, targets, limits: new LimitSettings(), locks: undefined},
      ...{checksums: false, roots: undefined, states: true},
    },
    {
      verified: ({id, state}) => heard.push(`verified ${id} ${state.name}`),
      saved: ({id, state}) => heard.push(`saved ${id} ${state.name}`),
      aboutToName: id => heard.push(`about to name ${id}`),
      noticed: text => heard.push(text),
      lost({code}) {
        heard.push(`lost ${code}`);
        return keeps;
      },
      freed: () => undefined,
      ticked: () => undefined,
      cleared: () => undefined,
      recall: () => [],
      restored: () => undefined,
    },
  );
  t.after(async () => {
    await worker[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const happen = (id: number, ...events: readonly RowEvent[]) => {
    for (const event of events) {
      changes.apply(id, event);
    }
  };
  happen(1, {type: 'start'});
  return {
    ...{worker, ending, heard, happen},
    state: (id: number) => rows.get(id)?.state,
    tell(...events: readonly DownloadEvent[]) {
      for (const event of events) {
        worker.tell(1, event);
      }
    },
    fail: (error: unknown) => worker.tell(1, {type: 'failed', error: error as JangadaError}),
  };
}

const errorOf = (code: ErrorCode) => new JangadaError(code, `It is ${code}`);
const failed = (code: ErrorCode) => ({name: 'failed', code, reason: `It is ${code}`});
const queued = {name: 'queued'};

test('a transfer that fails keeps the code and the sentence of the error, and the others go on', t => {
  const {fail, state, heard} = startWorker(t);
  fail(errorOf('not_found'));
  assert.deepEqual([state(1), state(2), heard], [failed('not_found'), queued, []]);
});

test('a fault of the program fails the transfer as an internal one', t => {
  const {fail, state} = startWorker(t);
  fail(new TypeError('no function'));
  assert.deepEqual(state(1), {name: 'failed', code: 'internal', reason: 'no function'});
});

test('a transfer that its user has stopped stays as the user wants it; one that runs has failed', t => {
  const {fail, state, happen} = startWorker(t);
  happen(1, {type: 'pause'});
  fail(errorOf('aborted'));
  assert.deepEqual(state(1), {name: 'paused'});
  happen(1, {type: 'resume'}, {type: 'start'});
  fail(errorOf('aborted'));
  assert.deepEqual(state(1), failed('aborted'));
});

for (const [code, after] of [
  ['aborted', queued],
  ['busy', queued],
  ['unauthorized', queued],
  ['connection_lost', queued],
  ['not_found', failed('not_found')],
] as const) {
  test(`while the queue ends, a transfer with the error ${code} is ${after.name}`, t => {
    const {fail, state, ending, heard} = startWorker(t, {keeps: true});
    ending.begin(0);
    fail(errorOf(code));
    assert.deepEqual([state(1), heard], [after, []]);
  });
}

for (const code of ['unreachable', 'untrusted', 'connection_lost', 'unauthorized'] as const) {
  test(`if the server is gone for good (${code}), its transfers stay queued for who wants that, and fail for others`, t => {
    const keeping = startWorker(t, {keeps: true});
    keeping.fail(errorOf(code));
    assert.deepEqual(
      [keeping.state(1), keeping.state(2), keeping.heard],
      [queued, queued, [`lost ${code}`]],
    );
    const failing = startWorker(t);
    failing.happen(3, {type: 'pause'});
    failing.fail(errorOf(code));
    assert.deepEqual([failing.state(1), failing.heard], [failed(code), [`lost ${code}`]]);
    // Where nobody can connect, the next ones would wait in vain; what is paused is not asked for.
    assert.deepEqual(failing.state(2), code === 'unreachable' ? failed(code) : queued);
    assert.deepEqual(failing.state(3), {name: 'paused'});
  });
}

test('a transfer without room waits, and fails with what to do once nobody waits', t => {
  const {fail, state, worker, happen} = startWorker(t, {keeps: true});
  fail(new JangadaError('no_space', '/to: 5 MB more are needed'));
  happen(2, {type: 'pause'});
  assert.deepEqual(state(1), {name: 'paused', noRoom: '/to: 5 MB more are needed'});
  worker.giveUpWaiting();
  assert.deepEqual(state(1), {
    name: 'failed',
    code: 'no_space',
    reason: '/to: 5 MB more are needed; make room and run it again',
  });
  assert.deepEqual(state(2), {name: 'paused'});
});

const copy = {state: '1:2:3:4', remote: {size: 5, mtimeMs: 0, version: 'v'}};
const progress = {receivedBytes: 5, verifiedBytes: 5, reusedBytes: 0, copiedBytes: 0};
const reused = {...progress, reusedBytes: 5};
const done = {type: 'done', outcome: 'verified'} as const;

/** Events, and what is heard of the file. */
const ends: ReadonlyArray<[string, DownloadEvent[], string[]]> = [
  [
    'a file that was written is saved, and verified before it is done',
    [{type: 'download'}, {type: 'progress', ...progress}, {type: 'finish'}, {...done, copy}],
    ['verified 1 finishing', 'saved 1 done'],
  ],
  [
    'a file whose blocks were all here, and that got its name, is saved',
    [{type: 'progress', ...reused}, {type: 'finish'}, done],
    ['saved 1 done'],
  ],
  [
    'a file that was complete is verified, and not saved',
    [
      {type: 'check', checkedBytes: 5, totalBytes: 5},
      {type: 'progress', ...reused},
      {...done, copy},
    ],
    ['verified 1 checking'],
  ],
  [
    'a small file that arrives as a whole is saved',
    [{...done, arrived: progress}],
    ['saved 1 done'],
  ],
  [
    'a file that was skipped is not saved',
    [{type: 'finish'}, {type: 'done', outcome: 'skipped'}],
    [],
  ],
];

for (const [what, events, says] of ends) {
  test(what, t => {
    const {tell, heard} = startWorker(t);
    tell(...events);
    assert.deepEqual(heard, says);
  });
}

test('a file that was paused too late is saved all the same', t => {
  const {tell, heard, happen, state} = startWorker(t);
  tell({type: 'progress', ...progress}, {type: 'finish'});
  happen(1, {type: 'pause'});
  tell(done);
  assert.deepEqual([heard, state(1)], [['saved 1 done'], {name: 'done', outcome: 'verified'}]);
});

test('only a file that may get another name is stored as begun before it gets its name', t => {
  for (const onConflict of ['rename', 'fail', 'overwrite', 'resume'] as const) {
    const {tell, heard} = startWorker(t, {onConflict});
    tell({type: 'download'}, {type: 'progress', ...progress});
    assert.deepEqual(heard, []);
    tell({type: 'finish'});
    assert.deepEqual(heard, onConflict === 'rename' ? ['about to name 1'] : []);
  }
});

test('a time that could not be set is told once, in words, also if there is no such date', t => {
  const time = {type: 'time', heldMs: 0, reason: 'the disk cannot store that time'} as const;
  const first = startWorker(t);
  first.tell({...time, wantedMs: -500}, {...time, wantedMs: 7});
  assert.deepEqual(first.heard, [
    '/to/f1 has the time 1970-01-01 00:00:00.000 UTC instead of 1969-12-31 23:59:59.500 UTC: the disk cannot store that time. Further such files are not reported',
  ]);
  const second = startWorker(t);
  second.tell({...time, wantedMs: 9e15});
  assert.match(second.heard[0] ?? '', /instead of 9000000000000000 ms after 1970: /);
});

test('a file that changes on the server is neither another state nor another word', t => {
  const {tell, heard, state} = startWorker(t);
  tell({type: 'changing', delayMs: 200});
  assert.deepEqual([heard, state(1)], [[], {name: 'connecting'}]);
});

test('a transfer is wanted while it runs, and no longer', t => {
  const {worker, happen} = startWorker(t);
  assert.deepEqual(
    [1, 2, 9].map(id => worker.isWanted(id)),
    [true, false, false],
  );
  happen(1, {type: 'cancel'});
  assert.equal(worker.isWanted(1), false);
});
