import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CopyLook} from '../../../../../source/transfers/download/here/copy-look.ts';
import {judgeCopy} from '../../../../../source/transfers/download/here/judge-copy.ts';
import type {Verdict} from '../../../../../source/transfers/terms/verdict.ts';
import {path} from '../../../../fixtures/harness.ts';

const remote = {size: 100, mtimeMs: 1_700_000_000_000.125};
const verdict: Verdict = {
  remotePath: path('a'),
  remote: {...remote, version: 'v'},
  state: '100:1:2:3',
  equal: true,
};

function copy(more: {size?: number; mtimeMs?: number; state?: string}): CopyLook {
  const place = {folder: '/to', localPath: 'a', file: '/to/a'};
  return {copy: {...place, ...remote, state: '100:1:2:3', ...more}, partial: undefined};
}

test('a copy is the same only after a comparison of every block, and only while neither file has changed', () => {
  const name = (look: CopyLook, known?: Verdict, now = remote) => judgeCopy(look, known, now).name;
  assert.equal(name(copy({}), verdict), 'same');
  assert.equal(name(copy({}), {...verdict, equal: false}), 'differs');
  assert.equal(name(copy({})), 'alike');
  assert.equal(name(copy({state: '100:1:9:3'}), verdict), 'alike');
  assert.equal(name(copy({}), verdict, {...remote, mtimeMs: remote.mtimeMs + 1}), 'alike');
  assert.equal(name(copy({size: 99}), verdict, {...remote, size: 99}), 'alike');
  // A listing may round the time that `stat` gives exactly.
  assert.equal(name(copy({}), verdict, {...remote, mtimeMs: remote.mtimeMs + 0.0006}), 'same');
  // The comparison counts, whatever the time of the copy.
  assert.equal(name(copy({mtimeMs: 5}), verdict), 'same');
});

test('another size or time is recognised without reading', () => {
  const name = (look: CopyLook) => judgeCopy(look, undefined, remote).name;
  assert.equal(name(copy({size: 99})), 'differs');
  assert.equal(name(copy({mtimeMs: remote.mtimeMs - 3000})), 'older');
  assert.equal(name(copy({mtimeMs: remote.mtimeMs + 3000, size: 99})), 'newer');
  // Some file systems store times in steps of two seconds.
  assert.equal(name(copy({mtimeMs: remote.mtimeMs - 1900})), 'alike');
});

test('a partial file counts with the disk space that it takes, and at most with the size of the file', () => {
  const part = (size: number, allocated: number) =>
    judgeCopy({copy: undefined, partial: {file: '/to/a', size, allocated}}, undefined, remote);
  assert.deepEqual(part(100, 57), {name: 'partial', part: 0.57});
  assert.deepEqual(part(57, 4096), {name: 'partial', part: 0.57});
  assert.deepEqual(part(4000, 4096), {name: 'partial', part: 1});
  assert.deepEqual(judgeCopy({copy: undefined, partial: undefined}, undefined, remote), {
    name: 'nothing',
  });
});
