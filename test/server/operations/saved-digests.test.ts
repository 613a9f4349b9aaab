/** A client may ask another server next: what was computed for an answer is saved before the answer ends. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize} from '../../../protocol/block.ts';
import {DigestIndex} from '../../../server/indexes/digest-index.ts';
import {digests} from '../../../server/operations/digests.ts';
import type {Exchange} from '../../../server/operations/exchange.ts';
import {get} from '../../../server/operations/get.ts';
import {roots} from '../../../server/operations/roots.ts';
import {path} from '../../fixtures/harness.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

const file = path('file');
const algorithm = 'sha256' as const;
const part: Array<[number, number]> = [[0, blockSize]];

for (const [what, ask] of [
  [
    'a part of a file',
    exchange => get({path: file, algorithm, ranges: part, clip: false}, exchange),
  ],
  ['digests', exchange => digests({path: file, algorithm, from: 0}, exchange)],
  ['root digests', exchange => roots({files: [[file, 2 * blockSize]], algorithm}, exchange)],
] as ReadonlyArray<[string, (exchange: Exchange) => unknown]>) {
  test(`the answer about ${what} ends only once its digests are saved`, async () => {
    const store = new MemoryStore();
    store.write('file', patternedBytes(2 * blockSize));
    const index = new DigestIndex();
    const isSaved = Promise.withResolvers<void>();
    let asked = false;
    index.saved = () => {
      asked = true;
      return isSaved.promise;
    };
    let isAnswered = false;
    const answering = answerOf(
      async (_: object, exchange) => void (await ask(exchange)),
      {},
      store,
      {
        digests: index,
      },
    ).then(answer => {
      isAnswered = true;
      return answer;
    });
    while (!asked) {
      await turn();
    }

    for (let round = 0; round < 5; round++) {
      await turn();
    }

    assert.equal(isAnswered, false);
    isSaved.resolve();
    const {error, frames} = await answering;
    assert.equal(error, undefined);
    assert.ok(frames.length >= 2);
  });
}
