import assert from 'node:assert/strict';
import {test} from 'node:test';
import {NameTable} from '../../../../source/transfers/hashing/name-table.ts';
import {collectGarbage} from '../../../fixtures/server/garbage.ts';

test('every name has the number that was set last, however many names there are', () => {
  const table = new NameTable();
  for (let number = 1; number <= 50_000; number++) {
    table.set(`folder/file-${number}`, number);
  }

  table.set('folder/file-7', 4_294_967_295);
  assert.equal(table.size, 50_000);
  assert.equal(table.get('folder/file-7'), 4_294_967_295);
  for (let number = 8; number <= 50_000; number++) {
    assert.equal(table.get(`folder/file-${number}`), number);
  }

  assert.equal(table.get('folder/file-0'), undefined);
  assert.equal(table.get(''), undefined);
});

test('setting a number returns the earlier one; `setNew` keeps the earlier one', () => {
  const table = new NameTable();
  const names = Array.from({length: 5000}, (_, number) => `folder/file-${number}`);
  assert.ok(names.every((name, at) => table.setNew(name, at + 1) === undefined));
  assert.ok(names.every((name, at) => table.setNew(name, 9) === at + 1));
  assert.ok(names.every((name, at) => table.set(name, 7) === at + 1));
  assert.ok(names.every(name => table.get(name) === 7));
  assert.equal(table.set('another', 3), undefined);
  assert.equal(table.size, 5001);
});

test('a deleted name has no number, and all others keep theirs', () => {
  const table = new NameTable();
  const names = Array.from({length: 5000}, (_, number) => `folder/file-${number}`);
  for (const [number, name] of names.entries()) {
    table.set(name, number + 1);
  }

  for (const name of names.filter((_, number) => number % 3 !== 0)) {
    table.delete(name);
  }

  table.delete('folder/another');
  assert.equal(table.size, 1667);
  assert.deepEqual(
    names.map(name => table.get(name)),
    names.map((_, number) => (number % 3 === 0 ? number + 1 : undefined)),
  );
});

test('names that differ in one character or in their order have different marks and numbers', () => {
  const table = new NameTable();
  const names = ['ab', 'ba', 'a', 'b', 'aa', 'A', 'á', 'a\u0301', '\udc80', '\udc81', ''];
  for (const [at, name] of names.entries()) {
    table.set(name, at + 1);
  }

  assert.deepEqual(
    names.map(name => table.get(name)),
    names.map((_, at) => at + 1),
  );
  assert.equal(new Set(names.map(name => table.markOf(name))).size, names.length);
});

test('a name takes at most 20 bytes, however many names there are', () => {
  const bytes = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const table = new NameTable();
  const before = bytes();
  for (let number = 1; number <= 320_000; number++) {
    table.set(`folder/file-${number}`, number);
    if (number % 40_000 === 0) {
      const each = (bytes() - before) / number;
      assert.ok(each <= 20, `${each} bytes each of ${number}`);
    }
  }
});
