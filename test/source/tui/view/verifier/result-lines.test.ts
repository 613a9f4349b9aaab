import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import type {ComparedRow} from '../../../../../source/tui/model/verifier/result-rows.ts';
import type {VerifyListView} from '../../../../../source/tui/model/verifier/verify-list.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {resultHead, resultLine} from '../../../../../source/tui/view/verifier/result-lines.ts';
import {ascii, report, textOf, unicode} from '../lines.ts';

const list: VerifyListView = {
  ...{begunAt: undefined, rows: [], cursor: 0, files: 15, doneFiles: 15},
  ...{bytes: 2_100_000_000, doneBytes: 2_100_000_000, unlisted: 0, repaired: 0},
  ...{counts: {same: 12, differs: 2, absent: 1, failed: 0}, state: 'done', failure: undefined},
  repairBytes: 3_145_728,
};

const row: ComparedRow = {
  ...{kind: 'differs', label: displayName('fotos/2025/big-3.bin'), path: parseRemotePath('f')},
  ...{copy: {folder: '/d', localPath: 'f', file: '/d/f'}, hasBlocks: true, fetchBytes: 3},
  report: report(['good', 'bad', 'missing']),
};

const head = (view: VerifyListView, columns: number) =>
  resultHead(unicode, view, {columns, rows: 9}).map(textOf);

suite('the list of results', () => {
  test('totals are in words if they fit, and otherwise in signs and numbers', () => {
    assert.deepEqual(head(list, 46), [
      '✗ 2 differ · □ 1 not here · ✓ 12 same',
      'R repairs 2: fetches 3.15 MB',
    ]);
    assert.equal(head(list, 30)[0], '✗ 2  □ 1  ✓ 12');
    const repaired = head({...list, repaired: 2}, 46);
    assert.deepEqual(repaired, ['□ 1 not here · ✓ 14 same', '15 files, 2.1 GB compared']);
  });

  test('bytes and percent are shown when all files are counted', () => {
    const counting = head({...list, state: 'counting', doneBytes: 0}, 60);
    assert.match(counting[1] ?? '', /counting: 15 files, 2\.1 GB/);
    const running = head({...list, state: 'running', doneBytes: 1_050_000_000}, 60);
    assert.match(running[1] ?? '', /━+─+ 50 % {2}1\.05 of 2\.1 GB$/);
  });

  test('a row has sign, word, name and blocks, within the columns', () => {
    const now = {name: 'compared', report: row.report} as const;
    const text = (columns: number) =>
      textOf(resultLine(unicode, {row, now}, {columns, cursor: true}));
    assert.equal(text(46), '▌✗ differs  fotos/2025/big-3.bin      ■1 ✗1 □1');
    for (let columns = 20; columns < 80; columns++) {
      const line = resultLine(ascii, {row, now}, {columns, cursor: false});
      assert.ok(lineWidth(line) <= columns, `${columns}`);
      assert.match(textOf(line), /^[\x20-\x7e]*$/);
    }
  });

  test('a row shows the later state of its file', () => {
    const text = (now: Parameters<typeof resultLine>[1]['now']) =>
      textOf(resultLine(unicode, {row, now}, {columns: 46, cursor: false}));
    const fetching = {name: 'fetching', doneBytes: 1, totalBytes: 4, blocks: undefined} as const;
    assert.match(text(fetching), /^ ↓ fetching .* 25 %$/);
    assert.match(text({name: 'verified', size: 3}), /^ ✓ same /);
    assert.match(text({name: 'outdated', isGone: true}), /^ ≠ gone /);
  });
});
