import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {defaultLimits} from '../../../../../source/transfers/terms/limits.ts';
import type {OpenedTransfer} from '../../../../../source/tui/model/transfers/opened-transfer.ts';
import {say} from '../../../../../source/tui/text/say.ts';
import {lineWidth} from '../../../../../source/tui/view/line/span.ts';
import {detailsBox} from '../../../../../source/tui/view/transfers/transfer-details.tsx';
import {ascii, states, textOf, transfer, unicode} from '../lines.ts';

const screen = {columns: 120, rows: 40};
const queue = {
  ...{total: 3, active: 2, queued: 1, waiting: 0, paused: 0, failed: 0, done: 0, canceled: 0},
  bytes: {wanted: 0, here: 0, left: 0, unsized: 0},
  ...{bytesPerSecond: 0, speedHistory: [], worker: undefined, unwritten: 0, limits: defaultLimits},
};
const opened = (more: Partial<OpenedTransfer>): OpenedTransfer => ({
  transfer: transfer({name: 'downloading'}),
  addedMs: undefined,
  seen: undefined,
  copy: undefined,
  queue,
  ...more,
});

function textIn(view: OpenedTransfer, {isConnected = true, look = unicode, size = screen} = {}) {
  const {rows} = detailsBox(look, {view, server: say`host:1234/fotos`, isConnected}, size);
  return rows.map(({line}) => textOf(line)).join('\n');
}

const lookOf = (size: number) => ({
  look: {
    copy: {
      ...{folder: '/downloads', localPath: 'big.bin', file: '/downloads/big.bin'},
      ...{size, mtimeMs: 1, state: 'x'},
    },
    partial: undefined,
  },
  verdict: undefined,
  atMs: 0,
});

suite('the details of a transfer', () => {
  test('have its source and target, its size to the byte, its progress, and its times', () => {
    const view = opened({
      transfer: transfer(
        {name: 'downloading'},
        {receivedBytes: 1_400_000_000, reusedBytes: 5_000_000, version: 'v1', priority: 'high'},
      ),
      addedMs: Date.now(),
    });
    const text = textIn(view);
    assert.match(text, /^ ↓ It is being fetched\. p pauses it, x cancels it\.\n \n/);
    for (const part of [
      'from      host:1234/fotos/big.bin',
      'saved as  /downloads/big.bin',
      'size      2.1 GB (2,100,000,000 B)',
      'received  1.4 GB   66 %',
      'verified  1.3 GB   61 %',
      'kept      5 MB were here and are good',
      'rate      200 MB/s, 4 s left',
      'priority  high',
      'queued    today ',
      'version   v1',
      'here now  not looked at yet',
    ]) {
      assert.ok(text.includes(part), `${part} is not in\n${text}`);
    }
  });

  const sentences = [
    [
      opened({transfer: transfer({name: 'queued'})}),
      /2 transfers run now\. \+ lets it run sooner\./,
    ],
    [opened({transfer: transfer({name: 'paused'})}), /It is paused\. p continues it\./],
    [
      opened({transfer: transfer({name: 'paused', noRoom: '3 MB are missing'})}),
      /It waits for room on the disk: 3 MB are missing\. It continues by itself/,
    ],
    [
      opened({transfer: transfer({name: 'failed', code: 'no_space', reason: 'The disk is full'})}),
      /It failed: The disk is full\. R tries again\./,
    ],
    [opened({transfer: transfer({name: 'canceled'})}), /It was canceled\. R queues it again\./],
    [
      opened({transfer: transfer({name: 'done', outcome: 'skipped'})}),
      /It was skipped: the local file was not changed\./,
    ],
    [
      opened({transfer: transfer({name: 'downloading'}, {begunAnew: true})}),
      /It has changed on the server since\./,
    ],
  ] as const;
  for (const [view, sentence] of sentences) {
    test(`say of ${view.transfer.state.name}: ${sentence.source.replaceAll('\\', '')}`, () => {
      assert.match(textIn(view), sentence);
    });
  }

  test('say that it waits for the connection', () => {
    const waiting = opened({transfer: transfer({name: 'queued'})});
    assert.match(textIn(waiting, {isConnected: false}), /It waits for the connection/);
  });

  test('have the present state of the local file', () => {
    const done = transfer({name: 'done', outcome: 'verified'});
    const here = (more: Partial<OpenedTransfer>) =>
      / here now {2}(.*)/.exec(textIn(opened({transfer: done, ...more})))?.[1]?.trimEnd();
    const seen = lookOf(9);
    const verdict = {
      ...{remotePath: parseRemotePath('fotos/big.bin'), state: 'x', equal: true},
      remote: {version: 'v', size: 9, mtimeMs: 1},
    };
    assert.equal(
      here({seen: {...seen, verdict}}),
      'the same: every block was checked, and the copy has not changed since',
    );
    assert.equal(here({seen, copy: 'gone'}), 'gone from /downloads');
    assert.equal(here({seen, copy: 'changed'}), 'changed since it was fetched');
    assert.match(
      here({seen, copy: 'differs'}) ?? '',
      /^differs from the server's file now: v shows/,
    );
    const partial = {file: '/downloads/big.bin.jangada-part', size: 40, allocated: 12};
    assert.equal(here({seen: {...seen, look: {copy: undefined, partial}}}), 'a part, 12 B');
    assert.equal(here({seen: {...seen, look: {copy: undefined, partial: undefined}}}), 'nothing');
  });

  test('fit every screen, in every state, also in ASCII', () => {
    const size = {columns: 40, rows: 10};
    for (let columns = 40; columns < 130; columns += 3) {
      for (const row of states) {
        for (const look of [unicode, ascii]) {
          const view = opened({
            transfer: {...row, remotePath: parseRemotePath(`a/${'long '.repeat(30)}`)},
          });
          const {rows} = detailsBox(
            look,
            {view, server: say`host:1234`, isConnected: true},
            {...size, columns},
          );
          assert.ok(rows.length <= 6);
          for (const {line} of rows) {
            assert.ok(lineWidth(line) <= columns - 5, `${textOf(line)} in ${columns}`);
            assert.match(textOf(line), look === ascii ? /^[\x20-\x7e]*$/ : /^/);
          }
        }
      }
    }
  });
});
