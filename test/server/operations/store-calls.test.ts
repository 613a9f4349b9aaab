/** What an operation tells the store: for whom it works, when to stop, and what comes next. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {Entry, Unsearched} from '../../../protocol/messages.ts';
import {type RemotePath, rootPath} from '../../../protocol/remote-path.ts';
import {findFiles} from '../../../server/classic/found-files.ts';
import {list as classicList} from '../../../server/classic/list.ts';
import {Talk} from '../../../server/classic/talk.ts';
import {digests} from '../../../server/operations/digests.ts';
import type {Exchange} from '../../../server/operations/exchange.ts';
import {find} from '../../../server/operations/find.ts';
import {get} from '../../../server/operations/get.ts';
import {hash} from '../../../server/operations/hash.ts';
import {list} from '../../../server/operations/list.ts';
import {roots} from '../../../server/operations/roots.ts';
import type {EntryFrame} from '../../../server/store/entry-frames.ts';
import type {BlockSpan, LongWorkClient, Search, StoredFile} from '../../../server/store/store.ts';
import {path} from '../../fixtures/harness.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';

const file = path('file');
const size = 2 * blockSize + 9;
const algorithm = 'sha256' as const;

/** Notes for whom it works, and whether `stop` stops this. */
class NotingStore extends MemoryStore {
  readonly peers: Array<string | undefined> = [];
  readonly isStopped: Array<[before: boolean, after: boolean]> = [];
  readonly stop = new AbortController();
  readonly announced: Array<readonly BlockSpan[]> = [];

  constructor() {
    super();
    this.write('file', Buffer.alloc(size));
    this.write('small', Buffer.alloc(9));
  }

  #note({peer, signal}: {peer?: string; signal: AbortSignal}): void {
    const before = signal.aborted;
    this.stop.abort();
    this.peers.push(peer);
    this.isStopped.push([before, signal.aborted]);
  }

  override async *list(path: RemotePath, signal: AbortSignal): AsyncGenerator<Entry[], void, void> {
    this.#note({signal});
    yield* super.list(path, signal);
  }

  override async *find(
    search: Search,
    client: LongWorkClient,
  ): AsyncGenerator<EntryFrame, Unsearched, void> {
    this.#note(client);
    return yield* super.find(search, client);
  }

  override async open(path: RemotePath): Promise<StoredFile> {
    const file = await super.open(path);
    const {digests, hash} = file;
    return Object.assign(file, {
      willRead: (spans: readonly BlockSpan[]) => this.announced.push(spans),
      digests: (...words: Parameters<typeof digests>) => {
        this.#note(words[1]);
        return digests.apply(file, words);
      },
      hash: (...words: Parameters<typeof hash>) => {
        this.#note(words[1]);
        return hash.apply(file, words);
      },
    });
  }
}

for (const [what, ask, knowsPeer] of [
  ['a list', exchange => list({path: rootPath}, exchange), false],
  ['a search', exchange => find({path: rootPath, masks: ['**'], folders: false}, exchange), true],
  ['digests', exchange => digests({path: file, algorithm, from: 0}, exchange), true],
  ['a hash', exchange => hash({path: file, algorithm}, exchange), true],
  ['root digests', exchange => roots({files: [[file, size]], algorithm}, exchange), true],
  ['the classic list', exchange => classicList('1', new Talk(exchange, 0)), false],
  ['the classic search', exchange => findFiles('*', exchange), true],
] as ReadonlyArray<[string, (exchange: Exchange) => unknown, boolean]>) {
  test(`the work for ${what} is for its client, and has a signal that stops it`, async () => {
    const store = new NotingStore();
    const changes = {peer: '10.0.0.7', signal: store.stop.signal};
    const {error} = await answerOf(
      async (_: object, exchange) => {
        await ask(exchange);
      },
      {},
      store,
      changes,
    );
    // It may be over before it hears of this.
    assert.ok(error === undefined || isJangadaError(error, 'aborted'));
    assert.deepEqual(store.peers, [knowsPeer ? '10.0.0.7' : undefined]);
    assert.deepEqual(store.isStopped, [[false, true]]);
  });
}

test('the blocks of a large file that will be read are announced', async () => {
  const store = new NotingStore();
  const ask = (path: RemotePath, ranges?: Array<[number, number]>) =>
    answerOf(get, {path, algorithm, ...(ranges && {ranges}), clip: true}, store);
  await ask(path('small'));
  await ask(file);
  await ask(file, [[blockSize, 9 * blockSize]]);
  assert.deepEqual(store.announced, [[{from: 0, to: 3}], [{from: 1, to: 3}]]);
});

test('a compression waits for its place only as long as its client is there', async () => {
  const store = new NotingStore();
  const stop = new AbortController();
  const contents: string[] = [];
  const signals: AbortSignal[] = [];
  const compressor = {
    begin: (content: string) => contents.push(content),
    async compress(_block: Buffer, _room: Buffer, signal: AbortSignal) {
      signals.push(signal);
      return undefined;
    },
  };
  // It has what an operation calls.
  const changes = {signal: stop.signal, compressor: compressor as never};
  const request = {path: file, algorithm, clip: false, compress: ['zstd' as const]};
  const {frames} = await answerOf(get, request, store, changes);
  assert.equal(frames.length, 5);
  assert.equal(signals.filter(signal => signal === stop.signal).length, 3);
  assert.deepEqual(contents, ['file\nv2']);
});
