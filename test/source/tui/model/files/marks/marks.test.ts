import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import type {Entry} from '../../../../../../protocol/messages.ts';
import {FolderListing} from '../../../../../../source/tui/model/files/folder-listing.ts';
import {firstOptions} from '../../../../../../source/tui/model/files/listing-work.ts';
import {
  hiddenEntries,
  hiddenMarks,
  invertVisible,
  markEntries,
  markVisible,
  toggleRow,
} from '../../../../../../source/tui/model/files/marks/mark-rows.ts';
import {Marks} from '../../../../../../source/tui/model/files/marks/marks.ts';
import {path} from '../../../../../fixtures/harness.ts';

/** Enough entries that marks of all of them are kept as rows. */
const many = 5000;

const file = (name: string, size = 1): Entry => ({name, type: 'file', size, mtimeMs: 1});

const numbered = (count: number): Entry[] =>
  Array.from({length: count}, (_, index) => file(`f${index}`));

function listed(entries: readonly Entry[], filter = ''): FolderListing {
  const listing = new FolderListing(path('x'), {...firstOptions, filter});
  listing.add(entries);
  return listing;
}

function rowOf({table}: FolderListing, name: string): number {
  return table.find(name) ?? assert.fail(`${name} is not listed`);
}

const names = (marks: Marks): string[] => marks.entries().map(entry => entry.path);

function countNames(t: TestContext, {table}: FolderListing) {
  return t.mock.method(table, 'name').mock;
}

suite('marks of most of a listing', () => {
  test('are made without reading its names', t => {
    const listing = listed(numbered(many));
    const asked = countNames(t, listing);
    const marks = new Marks();
    markVisible(marks, listing);
    assert.equal(asked.callCount(), 0);
    assert.deepEqual(marks.summary, {files: many, folders: 0, bytes: many});
    invertVisible(marks, listing);
    assert.equal(asked.callCount(), 0);
    assert.deepEqual(marks.summary, {files: 0, folders: 0, bytes: 0});
  });

  test('have the order of the screen, and leave out what cannot be fetched', () => {
    const pipe: Entry = {name: 'pipe', type: 'other', size: 0, mtimeMs: 1};
    const folder: Entry = {name: 'z', type: 'folder', size: 0, mtimeMs: 1};
    const listing = listed([...numbered(many).reverse(), pipe, folder]);
    const marks = new Marks();
    markVisible(marks, listing);
    assert.deepEqual(marks.summary, {files: many, folders: 1, bytes: many});
    assert.equal(marks.hasRow(listing, rowOf(listing, 'pipe')), false);
    assert.deepEqual(names(marks).slice(0, 3), ['x/z', 'x/f0', 'x/f1']);
  });

  test('can be toggled one by one like others', () => {
    const listing = listed(numbered(many));
    const marks = new Marks();
    toggleRow(marks, listing, 2);
    markVisible(marks, listing);
    assert.equal(marks.summary.files, many);
    toggleRow(marks, listing, 2);
    toggleRow(marks, listing, 3);
    toggleRow(marks, listing, 3);
    assert.deepEqual(
      [1, 2, 3].map(row => marks.hasRow(listing, row)),
      [true, false, true],
    );
    assert.deepEqual(marks.summary, {files: many - 1, folders: 0, bytes: many - 1});
    assert.equal(new Set(names(marks)).size, many - 1);
  });

  test('outlive the listing: marks of missing entries stay, and new entries are not marked', () => {
    const before = listed(numbered(many));
    const marks = new Marks();
    markVisible(marks, before);
    const after = listed([file('new'), ...numbered(many).slice(1)].reverse());
    assert.deepEqual(
      ['new', 'f1', 'f4999'].map(name => marks.hasRow(after, rowOf(after, name))),
      [false, true, true],
    );
    assert.ok(names(marks).includes('x/f0'));
    toggleRow(marks, after, rowOf(after, 'f1'));
    toggleRow(marks, after, rowOf(after, 'new'));
    assert.equal(marks.hasRow(after, rowOf(after, 'f1')), false);
    assert.equal(marks.hasRow(after, rowOf(after, 'new')), true);
    assert.deepEqual(marks.summary, {files: many, folders: 0, bytes: many});
  });

  test('include the new listing after that is marked, too, with each name once', () => {
    const marks = new Marks();
    markVisible(marks, listed(numbered(many)));
    const after = listed([file('f1', 10), file('new', 100), ...numbered(many).slice(2)]);
    markVisible(marks, after);
    // f0 is gone, and f1 has another size.
    assert.deepEqual(marks.summary, {files: many + 1, folders: 0, bytes: many + 109});
    assert.equal(new Set(names(marks)).size, many + 1);
    assert.equal(marks.entries().find(entry => entry.path === 'x/f1')?.size, 10);
    invertVisible(marks, after);
    assert.deepEqual(names(marks), ['x/f0']);
  });

  test('count as hidden if a filter of another listing hides them', () => {
    const marks = new Marks();
    markVisible(marks, listed(numbered(many)));
    const after = listed(numbered(many), 'f12');
    assert.equal(hiddenMarks(marks, after), many - 111);
    assert.equal(hiddenEntries(marks, after).length, many - 111);
    invertVisible(marks, after);
    assert.equal(marks.summary.files, many - 111);
    assert.equal(hiddenMarks(marks, after), many - 111);
  });

  test('stay when the folder is left, and do not keep its listing in memory if they are few', t => {
    const listing = listed(numbered(many));
    const marks = new Marks();
    markVisible(marks, listing);
    marks.unmarkRows(
      listing,
      Array.from({length: many - 2}, (_, index) => index + 2),
    );
    marks.settle(path('x'));
    const asked = countNames(t, listing);
    assert.deepEqual(names(marks), ['x/f0', 'x/f1']);
    assert.equal(asked.callCount(), 0);
    assert.deepEqual(marks.summary, {files: 2, folders: 0, bytes: 2});
    markVisible(marks, listing);
    marks.settle(path('x'));
    assert.equal(names(marks).length, many);
  });

  test('are cleared with all others, and can be set again by name', () => {
    const listing = listed(numbered(many));
    const marks = new Marks();
    markVisible(marks, listing);
    const entries = marks.entries();
    marks.clear();
    assert.deepEqual([marks.summary.files, marks.hasRow(listing, 0)], [0, false]);
    markEntries(marks, entries);
    assert.deepEqual(marks.summary, {files: many, folders: 0, bytes: many});
    assert.equal(marks.hasRow(listing, 0), true);
  });
});

test('a repeated mark has the new size, and keeps its place', () => {
  const marks = new Marks();
  for (const [name, size] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ] as const) {
    marks.mark(path('x'), name, {type: 'file', size, mtimeMs: 1});
  }

  assert.deepEqual(names(marks), ['x/a', 'x/b']);
  assert.deepEqual(marks.summary, {files: 2, folders: 0, bytes: 5});
});
