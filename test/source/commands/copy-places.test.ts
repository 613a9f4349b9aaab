import assert from 'node:assert/strict';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {noise, startHarness, temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {runHere} from './run.ts';

const content = noise(2_500_000);
const partial = 'boat.jpg.jangada-part';

// `make` puts an obstacle at `photos/boat.jpg` in the target folder. `elsewhere` is a folder with a boat.jpg.
for (const [what, make] of [
  [
    'a folder of the path is a link',
    (target: string, elsewhere: string) =>
      symlinkSync(elsewhere, path.join(target, 'photos'), 'junction'),
  ],
  [
    'a folder of the path is a link to a folder with a partial',
    (target: string, elsewhere: string) => {
      writeFileSync(path.join(elsewhere, partial), content.subarray(0, 9));
      symlinkSync(elsewhere, path.join(target, 'photos'), 'junction');
    },
  ],
  [
    'there is a folder',
    (target: string) => mkdirSync(path.join(target, 'photos/boat.jpg'), {recursive: true}),
  ],
  [
    'there is a link to a folder',
    (target: string, elsewhere: string) => {
      mkdirSync(path.join(target, 'photos'));
      symlinkSync(elsewhere, path.join(target, 'photos/boat.jpg'), 'junction');
    },
  ],
  [
    'the partial is a link',
    (target: string, elsewhere: string) => {
      mkdirSync(path.join(target, 'photos'));
      symlinkSync(elsewhere, path.join(target, 'photos', partial), 'junction');
    },
  ],
] as const) {
  test(`cget continues a copy where sget saves it, if at the whole path ${what}`, async t => {
    const {serve, server, target} = await startHarness(t);
    serve('photos/boat.jpg', content);
    const elsewhere = temporaryFolder(t);
    writeFileSync(path.join(elsewhere, 'boat.jpg'), 'mine');
    mkdirSync(target);
    writeFileSync(path.join(target, partial), content.subarray(0, 1_048_576));
    make(target, elsewhere);
    const there = treeOf(elsewhere);
    const ran = await runHere(['cget', 'photos/boat.jpg', '-o', target, '-s', server.address]);
    assert.deepEqual(ran, {
      status: 0,
      stdout: 'photos/boat.jpg  2.5 MB  verified (1.05 MB reused)\n',
      stderr: '',
    });
    assert.deepEqual(treeOf(elsewhere), there);
  });
}

test('cget continues a copy at the whole path in a target folder that is itself a link', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('photos/boat.jpg', content);
  const real = temporaryFolder(t);
  symlinkSync(real, target, 'junction');
  mkdirSync(path.join(real, 'photos'));
  writeFileSync(path.join(real, 'photos', partial), content.subarray(0, 1_048_576));
  const ran = await runHere(['cget', 'photos/boat.jpg', '-o', target, '-s', server.address]);
  assert.equal(ran.stdout, 'photos/boat.jpg  2.5 MB  verified (1.05 MB reused)\n', ran.stderr);
  assert.deepEqual(treeOf(real), new Map([['photos/boat.jpg', content]]));
});
