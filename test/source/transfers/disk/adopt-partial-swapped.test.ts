/** The file of `--from` is swapped between two system calls: a mocked call swaps it first. */
import assert from 'node:assert/strict';
import fs, {
  existsSync,
  type PathLike,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {adoptPartial} from '../../../../source/transfers/disk/adopt-partial.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const skip = process.platform === 'win32' && 'links need a right on Windows';

/** Do `act` before the first call that opens, or links, the file at `place`. */
const befores = {
  open(t: TestContext, place: string, act: () => void) {
    const actOnce = once(t, place, act);
    const {openSync} = fs;
    t.mock.method(fs, 'openSync', (...args: Parameters<typeof openSync>) => {
      actOnce(args[0]);
      return openSync(...args);
    });
    syncBuiltinESMExports();
  },
  link(t: TestContext, place: string, act: () => void) {
    const actOnce = once(t, place, act);
    const {linkSync} = disk;
    t.mock.method(disk, 'linkSync', (from: PathLike, to: PathLike) => {
      actOnce(from);
      linkSync(from, to);
    });
  },
};

function once(t: TestContext, place: string, act: () => void): (path: PathLike) => void {
  let isDone = false;
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    assert.ok(isDone, 'It was swapped');
  });
  return path => {
    if (path === place && !isDone) {
      isDone = true;
      act();
    }
  };
}

const swaps: Readonly<Record<string, (place: string, other: string) => void>> = {
  'another file': (place, other) => renameSync(other, place),
  'a link to another file'(place, other) {
    symlinkSync(other, `${place}.link`);
    renameSync(`${place}.link`, place);
  },
};

suite('a file of --from that is swapped is refused, and does not become the partial file', {
  skip,
}, () => {
  for (const [what, swap] of Object.entries(swaps)) {
    for (const [when, call, hardLinks] of [
      ['before it is opened', 'open', true],
      ['before it is opened, where there are no hard links', 'open', false],
      ['before it is renamed', 'link', true],
    ] as const) {
      test(`by ${what}, ${when}`, t => {
        const target = temporaryFolder(t);
        const elsewhere = temporaryFolder(t);
        const [local, other] = [join(elsewhere, 'left'), join(elsewhere, 'other')];
        writeFileSync(local, 'what was left');
        writeFileSync(other, 'of somebody else');
        using root = new TargetFolder(target);
        const folder = root.open([]);
        t.after(() => folder.release());
        if (!hardLinks) {
          t.mock.method(disk, 'linkSync', () => {
            throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
          });
        }

        befores[call](t, local, () => swap(local, other));
        assert.throws(() => adoptPartial(folder, 'a', local), {code: 'unsafe_target'});
        assert.deepEqual(readdirSync(target), []);
        assert.equal(readFileSync(local, 'utf8'), 'of somebody else');
        assert.ok(what === 'another file' || existsSync(other));
      });
    }
  }
});
