import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {JangadaError} from '../../../../../../protocol/errors.ts';
import type {Entry} from '../../../../../../protocol/messages.ts';
import {FolderListing} from '../../../../../../source/tui/model/files/folder-listing.ts';
import {firstOptions} from '../../../../../../source/tui/model/files/listing-work.ts';
import {FolderReader} from '../../../../../../source/tui/model/files/reading/folder-reader.ts';
import {path} from '../../../../../fixtures/harness.ts';
import {growYoung, youngMiB} from '../../../../../fixtures/young-generation.ts';

suite('reading a folder', () => {
  for (const {count, isCut = false, isGiven} of [
    {count: 100_000, isGiven: true},
    {count: 1000, isGiven: false},
    {count: 100_000, isCut: true, isGiven: false},
  ]) {
    test(`of ${count} entries${isCut ? ' that is cut' : ''} ${isGiven ? 'gives back' : 'keeps'} the memory of its garbage`, async () => {
      growYoung(8);
      await readAll(count, isCut);
      assert.equal(youngMiB() < 2, isGiven, `${youngMiB()} MiB`);
    });
  }
});

/** Resolves when the reading has ended, or has lost its connection after the last entry. */
async function readAll(count: number, isCut: boolean): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const list = async function* () {
    for (let first = 0; first < count; first += 1000) {
      yield Array.from({length: 1000}, (_, index): Entry => {
        return {name: `f${first + index}`, type: 'file', size: 0, mtimeMs: 0};
      });
    }

    if (isCut) {
      throw new JangadaError('connection_lost', 'The connection is gone');
    }
  };
  const find = () => assert.fail('nothing is searched for here');
  const reader = new FolderReader(
    {list, find, isConnected: () => true},
    {changed() {}, ended: ended.resolve, again() {}, quietMs: undefined},
  );
  const listing = new FolderListing(path('some'), firstOptions);
  reader.clear();
  reader.read(listing);
  await ended.promise;
  assert.equal(reader.isCut, isCut);
  reader.close();
  assert.equal(listing.table.size, count);
}
