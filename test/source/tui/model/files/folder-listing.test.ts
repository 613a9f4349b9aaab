import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import type {Entry} from '../../../../../protocol/messages.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {FolderListing} from '../../../../../source/tui/model/files/folder-listing.ts';
import type {ListingOptions} from '../../../../../source/tui/model/files/listing-work.ts';

const byName: ListingOptions = {sort: {key: 'name', reverse: false}, showHidden: false, filter: ''};

const file = (name: string, size = 0, mtimeMs = 0): Entry => ({name, type: 'file', size, mtimeMs});
const folder = (name: string): Entry => ({name, type: 'folder', size: 0, mtimeMs: 0});

function listing(entries: readonly Entry[], options: ListingOptions = byName): FolderListing {
  const listing = new FolderListing(parseRemotePath('fotos'), options);
  listing.add(entries);
  return listing;
}

const shown = ({visible, table}: FolderListing): string[] =>
  Array.from({length: visible.size}, (_, position) => table.name(visible.at(position) ?? 0));

function change(listing: FolderListing, options: Partial<ListingOptions>): string[] {
  listing.change({...listing.options, ...options});
  while (listing.working) {
    listing.work(performance.now() + 1);
  }

  return shown(listing);
}

suite('the listing of a folder', () => {
  test('folders come first, then names in their natural order', () => {
    const names = shown(listing([file('b10'), file('b9'), folder('z'), file('A'), folder('c')]));
    assert.deepEqual(names, ['c', 'z', 'A', 'b9', 'b10']);
  });

  test('sorted by size, time or type, or the other way round, folders still come first', () => {
    const entries = [file('b.txt', 3, 1), folder('z'), file('a.png', 1, 3), file('c', 2, 2)];
    const list = listing(entries);
    assert.deepEqual(change(list, {sort: {key: 'size', reverse: false}}), [
      'z',
      'a.png',
      'c',
      'b.txt',
    ]);
    assert.deepEqual(change(list, {sort: {key: 'size', reverse: true}}), [
      'z',
      'b.txt',
      'c',
      'a.png',
    ]);
    assert.deepEqual(change(list, {sort: {key: 'time', reverse: false}}), [
      'z',
      'b.txt',
      'c',
      'a.png',
    ]);
    assert.deepEqual(change(list, {sort: {key: 'type', reverse: false}}), [
      'z',
      'c',
      'a.png',
      'b.txt',
    ]);
    assert.deepEqual(change(list, {sort: {key: 'name', reverse: true}}), [
      'z',
      'c',
      'b.txt',
      'a.png',
    ]);
  });

  test('names that begin with a dot are hidden until the user shows them', () => {
    const list = listing([file('a'), file('.b'), file('c')]);
    assert.deepEqual(shown(list), ['a', 'c']);
    assert.equal(list.hidden, 1);
    assert.deepEqual(change(list, {showHidden: true}), ['.b', 'a', 'c']);
    assert.deepEqual(change(list, {showHidden: false}), ['a', 'c']);
  });

  test('a filter matches a part of a name in any case', () => {
    const list = listing([file('Barco.jpg'), file('boneco.jpg'), file('mar.txt')]);
    assert.deepEqual(change(list, {filter: 'CO'}), ['Barco.jpg', 'boneco.jpg']);
    assert.deepEqual(change(list, {filter: ''}), ['Barco.jpg', 'boneco.jpg', 'mar.txt']);
  });

  const bad: ReadonlyArray<[string, string]> = [
    ['the parent', '..'],
    ['the folder itself', '.'],
    ['nothing', ''],
    ['a path into another folder', 'a/b'],
    ['an absolute path', '/etc/passwd'],
    ['a NUL', 'a\0b'],
    ['a name that is too long', 'x'.repeat(256)],
  ];
  for (const [what, name] of bad) {
    test(`a name that is ${what} is refused, and the others are kept`, () => {
      const list = listing([file('a'), file(name), file('b')]);
      assert.deepEqual(shown(list), ['a', 'b']);
      assert.equal(list.refused?.count, 1);
      assert.equal(list.refused?.name, name);
    });
  }

  test('a name that comes twice is refused the second time', () => {
    const list = listing([file('a', 1), file('b'), file('a', 2)]);
    list.add([file('b')]);
    assert.deepEqual(shown(list), ['a', 'b']);
    assert.equal(list.refused?.count, 2);
    assert.equal(list.table.bytes(list.table.find('a') ?? -1), 1);
  });

  test('names of properties that every object has are ordinary names', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    assert.deepEqual(shown(listing(names.map(name => file(name)))).toSorted(), names.toSorted());
  });

  test('entries that arrive before and after the rows that a new filter has passed are shown once, in their order', () => {
    const names = (letter: string, count: number) =>
      Array.from({length: count}, (_, index) => `${letter}${index}`);
    const list = listing([...names('b', 600), ...names('d', 600)].map(name => file(name)));
    list.change({...list.options, filter: 'b'});
    list.work(0);
    assert.equal(list.working, true);
    list.add([...names('ab', 3), ...names('c', 3), ...names('cb', 3)].map(name => file(name)));
    list.work(Number.POSITIVE_INFINITY);
    assert.deepEqual(shown(list), [...names('ab', 3), ...names('b', 600), ...names('cb', 3)]);
  });

  test('entries that arrive while another order or filter is computed are included', () => {
    const name = fc.string({
      unit: fc.constantFrom('.', 'a', 'b', '1', '2'),
      minLength: 1,
      maxLength: 5,
    });
    const options = fc.record({
      sort: fc.record({
        key: fc.constantFrom('name' as const, 'size' as const, 'time' as const, 'type' as const),
        reverse: fc.boolean(),
      }),
      showHidden: fc.boolean(),
      filter: fc.constantFrom('', 'a', '12'),
    });
    const step = fc.oneof(
      fc.record({add: fc.array(fc.record({name, size: fc.nat(5)}), {maxLength: 400})}),
      fc.record({change: options}),
      fc.constant({work: true}),
    );
    fc.assert(
      fc.property(fc.array(step, {maxLength: 12}), steps => {
        const list = listing([]);
        for (const step of steps) {
          if ('add' in step) {
            list.add(step.add.map(({name, size}) => file(name, size)));
          } else if ('change' in step) {
            list.change(step.change);
          } else {
            // With a deadline in the past, `work` takes one step.
            list.work(0);
          }
        }

        while (list.working) {
          list.work(performance.now() + 1);
        }

        const fresh = listing([], list.options);
        fresh.add(
          Array.from({length: list.table.size}, (_, row) =>
            file(list.table.name(row), list.table.bytes(row)),
          ),
        );
        assert.deepEqual(shown(list), change(fresh, {}));
      }),
      {numRuns: 200},
    );
  });
});
