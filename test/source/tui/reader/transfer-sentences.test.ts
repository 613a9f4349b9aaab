import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {
  queueSentence,
  transferNews,
  transferSentence,
} from '../../../../source/tui/reader/transfer-sentences.ts';
import {states, transfer} from '../view/lines.ts';
import {queueOf as view} from './queue-of.ts';

const percent = (part: number, id = 1): TransferSnapshot =>
  transfer({name: 'downloading'}, {id, size: 100, receivedBytes: part, verifiedBytes: 0});
const verified: TransferState = {name: 'done', outcome: 'verified'};

suite('sentences about transfers', () => {
  const words = [
    'big.bin, waiting, 2.1 GB. 1 of 1.',
    'big.bin, connecting, 2.1 GB. 1 of 1.',
    'big.bin, checking the blocks here, 2.1 GB. 1 of 1.',
    'big.bin, copying blocks, 2.1 GB. 1 of 1.',
    'big.bin, downloading, 61 %, 1.3 of 2.1 GB, 200 MB/s, 4 s left. 1 of 1.',
    'big.bin, finishing, 2.1 GB. 1 of 1.',
    'big.bin, verified, 2.1 GB. 1 of 1.',
    'big.bin, paused, 61 %, 1.3 of 2.1 GB. 1 of 1.',
    'big.bin, failed: The disk is full, 2.1 GB. 1 of 1.',
    'big.bin, canceled, 2.1 GB. 1 of 1.',
  ];
  for (const [index, row] of states.entries()) {
    test(`a row that is ${row.state.name}`, () => {
      assert.equal(transferSentence({transfers: view([row]), copies: []}), words[index]);
    });
  }

  test('the queue is said in numbers, with percent and time while it works', () => {
    const totals = {
      ...{done: 3, active: 3, queued: 4, bytesPerSecond: 10},
      bytes: {here: 41, wanted: 100, left: 590, unsized: 0},
    };
    assert.equal(queueSentence(view([], totals)), '3 done, 3 running, 4 waiting, 41 %, 59 s left.');
    assert.match(queueSentence(view([])), /^Nothing is queued\./);
  });

  test('progress is said at each quarter, and not between', () => {
    const told = [0, 10, 24, 25, 49, 50, 60, 75, 99].map(
      (part, index, all) =>
        transferNews(view([percent(all[index - 1] ?? 0)]), view([percent(part)])).sentences,
    );
    assert.deepEqual(told.flat(), ['big.bin: 25 %.', 'big.bin: 50 %.', 'big.bin: 75 %.']);
    // Bytes that were lost with a connection are not reported.
    assert.deepEqual(transferNews(view([percent(60)]), view([percent(40)])).sentences, []);
  });

  test('a change of state is said by name, and the end of all work is said', () => {
    const before = view([percent(99)], {active: 1});
    const now = view([transfer(verified)], {done: 1});
    assert.deepEqual(transferNews(before, now).sentences, [
      'big.bin: verified.',
      'Nothing runs any more: 1 done.',
    ]);
    const failed = transfer({name: 'failed', code: 'no_space', reason: 'The disk is full'});
    assert.equal(
      transferNews(before, view([failed], {failed: 1, active: 1})).sentences[0],
      'big.bin: failed: The disk is full.',
    );
  });

  test('a file that arrived and was verified between two views is said by name', () => {
    assert.deepEqual(transferNews(view([]), view([transfer(verified)], {done: 1})).sentences, [
      'big.bin: verified.',
      'Nothing runs any more: 1 done.',
    ]);
  });

  test('a row that was above the window is not news', () => {
    const old = transfer(verified, {id: 7});
    assert.deepEqual(
      transferNews(view([percent(1)], {done: 9}), view([percent(2), old], {done: 9})).sentences,
      [],
    );
  });

  test('of many files at once numbers are said, and failed files by name', () => {
    const rows = Array.from({length: 6}, (_, index) => transfer(verified, {id: index}));
    const failed = transfer({name: 'failed', code: 'changed', reason: 'It changed'}, {id: 9});
    const news = transferNews(
      view([], {queued: 500}),
      view([...rows, failed], {done: 120, failed: 1, queued: 379}),
    );
    assert.ok(news.isMany);
    assert.deepEqual(news.sentences, [
      'big.bin: failed: It changed.',
      '120 files done.',
      '1 file failed.',
      '1 failed, 120 done, 379 waiting, 100 %.',
    ]);
  });

  test('names from outside cannot control the terminal', () => {
    const hostile = transfer(verified, {
      remotePath: parseRemotePath('x\u001b]0;owned\u0007\u202e'),
    });
    const transfers = view([hostile], {done: 1});
    const told = [
      transferSentence({transfers, copies: []}),
      ...transferNews(view([]), transfers).sentences,
    ];
    const named = told.filter(text => text?.includes('x\\x1b]0;owned\\x07\\u{202e}'));
    assert.equal(named.length, 2, told.join('\n'));
  });
});
