import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Plan} from '../../../../../source/tui/model/download/download-plan.ts';
import {
  planSummary,
  type SettledFiles,
} from '../../../../../source/tui/model/download/plan-summary.ts';
import {path} from '../../../../fixtures/harness.ts';

const none = {count: 0, names: []};
const transfer = {remotePath: path('a'), folder: '/d', localPath: 'a', onConflict: 'fail'} as const;
const plan: Plan = {
  files: [{transfer, mtimeMs: 0}],
  bytes: 0,
  refused: {protocol: none, exists: none},
  unsearched: none,
  queuedAlready: 0,
};

const queued: SettledFiles = {queued: [transfer], same: []};

test('a plan that is queued as a whole is one short sentence', () => {
  assert.equal(planSummary(plan, queued), 'Queued a to /d.');
});

test('files that are the same are distinguished from skipped ones', () => {
  const three = {...plan, files: Array.from({length: 3}, () => ({transfer, mtimeMs: 0}))};
  assert.equal(
    planSummary(plan, {queued: [], same: [transfer]}),
    'a is here already, and the same: nothing to download.',
  );
  assert.equal(
    planSummary(three, {queued: [], same: [transfer, transfer]}),
    '2 files are here already, and the same: nothing to download. Skipped 1 file.',
  );
  assert.equal(
    planSummary(three, {queued: [transfer], same: [transfer, transfer]}),
    'Queued a to /d. Here already, and the same: 2 files.',
  );
});

test('refused names are counted with their reason, and the first of them named', () => {
  const refused = {
    protocol: {count: 2, names: ['../x', '']},
    exists: {count: 12, names: ['A', 'b\u001b', 'c', 'd']},
  };
  assert.equal(
    planSummary({...plan, refused}, {queued: [], same: []}),
    'Nothing to queue. Skipped 1 file. ' +
      "Refused 2 bad names: ../x, ''. " +
      'Refused 12 files: another file has that name here: A, b\\x1b, c, and 9 more.',
  );
});

test('unsearched places are counted, and the first of them named', () => {
  const unsearched = {count: 5, names: ['a', 'b/c', 'd', 'e']};
  assert.equal(
    planSummary({...plan, unsearched}, queued),
    'Queued a to /d. The server could not search 5 places: a, b/c, d, and 2 more.',
  );
});

test('the named folder is the one where the files will be', () => {
  const words = (...localPaths: string[]) => {
    const queued = localPaths.map(localPath => ({...transfer, localPath}));
    const files = queued.map(one => ({transfer: one, mtimeMs: 0}));
    return planSummary({...plan, files}, {queued, same: []});
  };
  assert.equal(words('fotos/2025/barco.jpg'), 'Queued barco.jpg to /d/fotos/2025.');
  assert.equal(words('fotos/a', 'fotos/b'), 'Queued 2 files to /d/fotos.');
  assert.equal(words('fotos/a', 'fotos/2025/b'), 'Queued 2 files to /d/fotos, with their folders.');
  assert.equal(words('fotos/a', 'b', 'c'), 'Queued 3 files to /d, with their folders.');
});
