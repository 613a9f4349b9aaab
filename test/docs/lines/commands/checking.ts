/** Lines of docs/commands.md about content: expected digests, lists of checksums, comparing. */
import assert from 'node:assert/strict';
import {hash} from 'node:crypto';
import {join} from 'node:path';
import {treeOf} from '../../../fixtures/harness.ts';
import {type Line, printed} from '../test-page.ts';
import {empty, hasFiles, likeness, type, write} from '../typing.ts';
import {boat, disk, type Place, release, served} from './place.ts';

const rootLine = 'root:blake3:5cba…e1f0  disk.img';

export const checkingLines: Record<string, Line<Place>> = {
  async '$ jangada hash --root disk.img -s files.example.org'(place, line) {
    assert.match(await type(place, line.slice(2)), likeness(rootLine));
  },
  [rootLine]: printed,
  async '$ jangada sget disk.img -s mirror.example.net --expect root:blake3:5cba…e1f0'(
    place,
    line,
  ) {
    const expecting = (root: string) => line.slice(2).replace('root:blake3:5cba…e1f0', root);
    await type(place, expecting(`root:blake3:${'5'.repeat(64)}`), 5);
    hasFiles(place.work, new Map());
    const root = await type(place, 'jangada hash --root disk.img -s files.example.org');
    await type(place, expecting(root.split(' ', 1)[0] ?? ''));
    hasFiles(place.work, new Map([['disk.img', disk]]));
  },

  async 'jangada mget --checksums-from SHA256SUMS -s mirror.example.net/release --to release'(
    place,
    line,
  ) {
    const list = [...release].map(([name, content]) => `${hash('sha256', content)}  ${name}\n`);
    const file = join(place.work, 'SHA256SUMS');
    const target = join(place.work, 'release');
    write(file, list.join(''));
    await type(place, line);
    hasFiles(target, release);
    // If the digest of a small file differs from the list, not one byte of the file is written.
    write(file, list.join('').replace(/^\w+/, 'a'.repeat(64)));
    await type(place, line, 5);
    hasFiles(target, new Map([...release].slice(1)));
    empty(place.work);
  },

  async "jangada mget '**' --to photos --checksums photos.sha256"(place, line) {
    await type(place, line);
    const there = treeOf(join(place.work, 'photos'));
    assert.deepEqual([...there.keys()].sort(), [...served.keys()].sort());
  },
  async '(cd photos && sha256sum -c ../photos.sha256)'(place, line) {
    const verdicts = (await type(place, line)).trimEnd().split('\n');
    assert.deepEqual(verdicts.sort(), [...served.keys()].map(name => `${name}: OK`).sort());
  },
  async 'jangada verify --checksums photos.sha256 --to photos'(place, line) {
    assert.equal((await type(place, line)).match(/: verified, SHA-256$/gm)?.length, served.size);
    write(join(place.work, 'photos/disk.img'), disk.subarray(1));
    assert.match(await type(place, line, 5), /^disk\.img: differs, SHA-256/m);
    empty(place.work);
  },

  'photos/boat.jpg: verified, 8 blocks': (place, line) => saysOf(place, line, boat),
  'photos/boat.jpg: differs, 1 of 8 blocks bad (block 3)': (place, line) =>
    saysOf(place, line, damaged(), {status: 5}),
  'photos/boat.jpg: differs, 2 of 8 blocks missing (blocks 6-7)': (place, line) =>
    saysOf(place, line, boat.subarray(0, 6 * 1_048_576), {status: 5}),
  async 'photos/boat.jpg: repaired (1 block) and verified, 8 blocks'(place, line) {
    await saysOf(place, line, damaged(), {options: '--repair'});
    hasFiles(place.work, new Map([['photos/boat.jpg', boat]]));
  },

  async 'photos/boat.jpg: verified, SHA-256'(place, line) {
    write(join(place.work, 'list'), `${hash('sha256', boat)}  photos/boat.jpg\n`);
    await saysOf(place, line, boat, {options: '--checksums list'});
  },
  async 'photos/boat.jpg: differs, SHA-256 here 6e7f…, in the list 1b32…'(place, line) {
    await saysOf(place, line, damaged(), {options: '--checksums list', status: 5});
    empty(place.work);
  },
};

function damaged(): Buffer {
  return Buffer.from(boat).fill(0, 3 * 1_048_576, 3 * 1_048_576 + 99);
}

/** Compare a copy of `photos/boat.jpg` that has the content `content`, and expect this line. */
async function saysOf(
  place: Place,
  line: string,
  content: Uint8Array,
  {options = '', status = 0}: {options?: string; status?: number} = {},
): Promise<void> {
  write(join(place.work, 'photos/boat.jpg'), content);
  const said = await type(place, `jangada verify photos/boat.jpg ${options}`, status);
  assert.match(said.trimEnd(), likeness(line));
}
