import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {displayName} from '../../../../../protocol/display-text.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import type {DetailsView} from '../../../../../source/tui/model/details/details.ts';
import type {PreviewState} from '../../../../../source/tui/model/details/preview.ts';
import type {HereState} from '../../../../../source/tui/model/here/here-state.ts';
import type {Seen} from '../../../../../source/tui/model/here/seen-files.ts';
import {sizeBeside, timeBeside} from '../../../../../source/tui/text/exact.ts';
import {detailsLines} from '../../../../../source/tui/view/details/details-lines.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {ascii, textOf, unicode} from '../lines.ts';

const path = parseRemotePath('fotos/barco.jpg');
const mtimeMs = new Date(2025, 0, 12, 9, 41, 7).getTime();
const file: DetailsView = {
  ...{path, type: 'file', size: 50_331_649, mtimeMs, version: 'v1-abc', count: undefined},
  ...{state: {name: 'nothing', percent: undefined}, seen: undefined, preview: undefined},
};
const seen: Seen = {
  look: {
    copy: {
      ...{folder: '/to', localPath: 'barco.jpg', file: '/to/barco.jpg'},
      ...{size: 50_331_648, mtimeMs: mtimeMs - 5000, state: 's'},
    },
    partial: undefined,
  },
  verdict: undefined,
  atMs: 0,
};
const text = (view: DetailsView, columns = 44, rows = 20) =>
  detailsLines(unicode, view, columns, rows).map(textOf).join('\n');
const withPreview = (state: PreviewState, offset = 0, isAsked = true): DetailsView => ({
  ...file,
  preview: {path, state, offset, isAsked},
});

suite('details as lines', () => {
  test('different sizes and times never look equal', () => {
    assert.equal(sizeBeside(50_331_648, 50_331_648), '50.3 MB');
    assert.equal(sizeBeside(50_331_648, 50_331_649), '50,331,648 B');
    assert.equal(timeBeside(mtimeMs, undefined), '2025-01-12 09:41:07');
    assert.notEqual(timeBeside(mtimeMs, mtimeMs + 5), timeBeside(mtimeMs + 5, mtimeMs));
    assert.equal(timeBeside(mtimeMs, mtimeMs + 0.0005), '2025-01-12 09:41:07');
    assert.match(timeBeside(9e15, undefined), /^-+$/);
    const lines = text({...file, seen, state: {name: 'older', percent: undefined}});
    assert.match(lines, /^there {2}50,331,649 B {2}2025-01-12 09:41:07\nhere {3}50,331,648 B /);
    assert.match(lines, /\/to\/barco\.jpg\n≠ The copy here is older/);
    assert.match(lines, /version {2}v1-abc/);
  });

  test('a running file shows its progress, like its row', () => {
    const partial = {file: '/to/barco.jpg.jangada-part', allocated: 0, size: 9, mtimeMs};
    const fetching = {name: 'fetching', percent: 50} as const;
    const lines = text({
      ...file,
      state: fetching,
      seen: {...seen, look: {copy: undefined, partial}},
    });
    assert.match(lines, /here {3}nothing yet {2}a part/);
    assert.match(lines, /↓ It is being fetched\.\n━{15}─{15} 50 %/);
    assert.match(text({...file, state: {name: 'paused', percent: 5}}), /continues it\.\n━.* 5 %/);
  });

  test('an automatic preview leaves the facts whole, says how to hide it, and does not flicker', () => {
    const lines = [displayName('one'), displayName('two')];
    const state = {name: 'text', encoding: 'UTF-8', isCut: false, lines} as const;
    const facts = text(file).replace('downloads, i previews it', 'downloads it').split('\n');
    const shown = text(withPreview(state, 0, false), 44, 9).split('\n');
    assert.deepEqual(shown.slice(0, facts.length), facts);
    assert.match(
      shown.slice(facts.length).join('\n'),
      /^─ UTF-8, 2 lines \(i hides it\) ─+\none\ntwo$/,
    );
    assert.equal(text(withPreview({name: 'reading', percent: 0}, 0, false)), facts.join('\n'));
  });

  test('every state of a file, folders and other things have a sentence', () => {
    const names: ReadonlyArray<HereState['name']> = [
      ...(['nothing', 'same', 'differs', 'alike', 'older', 'newer', 'partial'] as const),
      ...(['queued', 'fetching', 'checking', 'finishing', 'paused', 'failed', 'stuck'] as const),
    ];
    for (const name of names) {
      assert.match(
        text({...file, version: undefined, state: {name, percent: undefined}}),
        /\.$/,
        name,
      );
    }

    const folder = {...file, type: 'folder', size: undefined, version: undefined} as const;
    assert.match(text({...folder, count: 12}), /^a folder of 12 entries\nchanged .*\n→ opens it/);
    assert.match(text({...folder, mtimeMs: undefined}), /^a folder\nThe folder on the screen/);
    assert.match(text({...folder, type: 'other'}), /neither a file nor a folder/);
  });

  test('a partial file is shown with its path', () => {
    const partial = {file: '/to/barco.jpg.jangada-part', size: 9000, allocated: 4096};
    const state = {name: 'partial', percent: 0} as const;
    const view = {...file, state, seen: {...seen, look: {copy: undefined, partial}}};
    assert.match(text(view), /here {3}4\.1 kB {2}a part\n +\/to\/barco\.jpg\.jangada-part/);
  });

  test('a preview has most of the space, from the line to which it was scrolled', () => {
    const lines = Array.from({length: 50}, (_, index) => displayName(`line ${index}`));
    const view = withPreview({name: 'text', encoding: 'UTF-8', lines, isCut: true}, 7);
    const shown = text(view, 44, 12).split('\n');
    assert.equal(shown.length, 12);
    assert.match(shown[3] ?? '', /^─ UTF-8, 50 lines, the beginning ─+$/);
    assert.deepEqual(shown.slice(4, 6), ['line 7', 'line 8']);
  });

  test('bytes are beside their characters, as many on a line as fit', () => {
    const bytes = Uint8Array.from({length: 40}, (_, index) => index + 60);
    const view = withPreview({name: 'bytes', bytes, isCut: false}, 1);
    assert.match(text(view, 80), /40 bytes ─+\n00000010 {2}4c 4d .* {2}LMNOPQRSTUVWXYZ\[\n/);
    assert.match(text(view, 44), /00000010 {2}4c 4d 4e 4f 50 51 52 53 {2}LMNOPQRS\n/);
  });

  test('the details fit any pane, also with ASCII signs', () => {
    const states: PreviewState[] = [
      {name: 'none'},
      {name: 'reading', percent: 40},
      {name: 'failed', reason: displayName('The file is gone')},
      {name: 'text', encoding: 'UTF-8', lines: [displayName('日本語'.repeat(40))], isCut: true},
      {name: 'bytes', bytes: new Uint8Array(100), isCut: true},
      {name: 'folder', names: [displayName('日本語/'), displayName('mar.bin')], isCut: true},
    ];
    for (const look of [unicode, ascii]) {
      for (const state of states) {
        for (let columns = 28; columns < 90; columns += 3) {
          for (let rows = 0; rows < 9; rows++) {
            const lines = detailsLines(look, {...withPreview(state), seen}, columns, rows);
            assert.ok(lines.length <= Math.max(rows, 1));
            for (const line of lines) {
              assert.ok(lineWidth(line) <= columns, `${textOf(line)} in ${columns}`);
            }
          }
        }
      }
    }
  });
});
