import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import type {VerifierView} from '../../../../source/tui/model/verifier/verifier.ts';
import type {VerifyListView} from '../../../../source/tui/model/verifier/verify-list.ts';
import {
  resultRow,
  verifierPlace,
  verifierSentences,
} from '../../../../source/tui/reader/verifier-sentences.ts';
import {compared, report} from '../view/lines.ts';

const folder = displayName('~/downloads');
const told = (verifier: VerifierView, results?: VerifyListView) => ({verifier, results, folder});
const differing = compared(report(['good', 'bad', 'missing']));
const checking = (doneBytes: number): VerifierView => ({
  ...differing,
  state: {name: 'checking', doneBytes, totalBytes: 100, blocks: undefined},
});

suite('sentences about the verifier', () => {
  test('a comparison is said when it begins, at each quarter, and with its verdict', () => {
    const steps = [checking(0), checking(10), checking(50), checking(60), differing];
    const sentences = steps.flatMap((now, index) =>
      verifierSentences(
        told(steps[index - 1] ?? {...differing, state: {name: 'nothing'}}),
        told(now),
      ),
    );
    assert.deepEqual(sentences, [
      'Comparing f with its copy here, block by block.',
      'f: 50 % compared.',
      'f differs: 1 block good, 1 bad, 1 missing. R repairs it: fetches 2 blocks, keeps 1.',
    ]);
  });

  test('it is said when a file is the same, and when it has been repaired since', () => {
    const same = compared(report(['good'], true));
    assert.deepEqual(verifierSentences(told(checking(0)), told(same)), [
      'f is the same here and there, 3 B: every block agrees.',
    ]);
    const fetching = {
      ...differing,
      state: {...checking(0).state, name: 'fetching'},
    } as VerifierView;
    const repaired: VerifierView = {...differing, state: {name: 'verified', size: 3}};
    assert.deepEqual(verifierSentences(told(differing), told(fetching)), []);
    assert.match(
      verifierSentences(told(fetching), told(repaired))[0] ?? '',
      /^f is the same as on the server now/,
    );
  });

  test('a missing copy is said with the place where it was looked for, and not while it is fetched', () => {
    const absent: VerifierView = {...differing, state: {name: 'absent'}};
    const fetching = {
      ...differing,
      state: {...checking(0).state, name: 'fetching'},
    } as VerifierView; // The states `checking` and `fetching` have the same fields.
    assert.deepEqual(verifierSentences(told(checking(0)), told(absent)), [
      'There is no copy of f in ~/downloads. Press d on it to download it, then v.',
    ]);
    assert.deepEqual(verifierSentences(told(absent), told(fetching)), []);
    assert.deepEqual(verifierSentences(told(fetching), told(absent)), []);
  });

  test('the first difference and the hash are said when they are known', () => {
    assert.deepEqual(verifierSentences(told(differing), told({...differing, difference: 47_185})), [
      'The first difference is at byte 47,185.',
    ]);
    const hash = {
      ...({name: 'hashed', algorithm: 'sha256', localLength: 2, remoteLength: 2} as const),
      ...{here: 'aa', there: 'bb', equal: false},
    };
    assert.deepEqual(verifierSentences(told(differing), told({...differing, hash})), [
      'The SHA-256 differs.',
      'Here, of 2 bytes: aa.',
      'There, of 2 bytes: bb.',
    ]);
  });

  test('of many files the numbers are said at the end, and each row under the cursor', () => {
    const results: VerifyListView = {
      begunAt: undefined,
      rows: [
        {
          row: {kind: 'failed', label: displayName('a'), reason: displayName('It may not be read')},
          now: undefined,
        },
      ],
      cursor: 0,
      ...{files: 12, bytes: 10, doneFiles: 12, doneBytes: 10, unlisted: 0},
      counts: {differs: 2, failed: 1, absent: 0, same: 9},
      ...{repairBytes: 5_000_000, repaired: 0, state: 'done', failure: undefined},
    };
    const running: VerifyListView = {...results, state: 'running'};
    assert.deepEqual(verifierSentences(told(differing), told(differing, running)), [
      'Comparing many files with their copies here. Escape stops.',
    ]);
    const end = 'Compared 12 files: 2 differ, 1 not readable, 9 same. R repairs 2: fetches 5 MB.';
    assert.deepEqual(verifierSentences(told(differing, running), told(differing, results)), [end]);
    assert.deepEqual(resultRow(results), ['a, not compared: It may not be read.']);
    assert.deepEqual(verifierPlace(told(differing, results)), [end, ...resultRow(results)]);
  });
});
