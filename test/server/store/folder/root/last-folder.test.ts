import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {blockOf, json, kinds, type RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

const skip = process.platform === 'linux' ? false : 'elsewhere each path is looked up by itself';

/** Request all of `paths` at once. @returns the text of each, or its error code. */
async function getAll(peer: RawPeer, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) {
    peer.request(kinds.get, {path});
  }

  const answers: string[] = [];
  for (const _ of paths) {
    const frames = await peer.answer();
    const block = frames.find(({kind}) => kind === kinds.block);
    const last = frames.at(-1);
    answers.push(
      block === undefined ? String(last && json(last).code) : blockOf(block).bytes.toString(),
    );
  }

  return answers;
}

test('among many files of one folder, a name that is not a plain file gets the same answer as alone', {
  skip,
}, async () => {
  await using served = await ServedFolder.start({'d/a': 'a', 'd/b': 'b', 'e/c': 'c', top: 'top'});
  const outside = join(served.outside, 'secret');
  writeFileSync(outside, 'secret');
  symlinkSync('../../secret', join(served.path, 'd/leaves'));
  symlinkSync('../e/c', join(served.path, 'd/stays'));
  symlinkSync('d', join(served.path, 'link'));
  mkdirSync(join(served.path, 'd/folder'));
  execFileSync('mkfifo', [join(served.path, 'd/fifo')]);
  const peer = await served.peer();
  const paths = ['a', 'b', 'leaves', 'stays', 'folder', 'fifo', 'missing', 'b'];
  const expected = ['a', 'b', 'not_found', 'c', 'not_a_file', 'not_a_file', 'not_found', 'b'];
  const answers = await getAll(peer, [
    ...paths.map(name => `d/${name}`),
    ...paths.map(name => `link/${name}`),
    'top',
    'top',
    'd/a',
  ]);
  assert.deepEqual(answers, [...expected, ...expected, 'top', 'top', 'a']);
});

test('a folder that was moved out of the root is no longer served or kept open', {
  skip,
}, async () => {
  await using served = await ServedFolder.start({'d/a': 'a', 'd/b': 'b'});
  const peer = await served.peer();
  assert.deepEqual(await getAll(peer, ['d/a', 'd/b', 'd/a']), ['a', 'b', 'a']);
  renameSync(join(served.path, 'd'), join(served.outside, 'moved'));
  assert.deepEqual(await getAll(peer, ['d/a', 'd/b', 'd/a']), Array(3).fill('not_found'));
  const open = readdirSync('/proc/self/fd').flatMap(descriptor => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      // The descriptor of the folder that was just listed is closed already.
      return [];
    }
  });
  assert.ok(!open.some(path => path.startsWith(join(served.outside, 'moved'))), open.join(' '));
});
