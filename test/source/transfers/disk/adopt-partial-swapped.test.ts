/** The file of `--from` is swapped between two looks at it: the system's call does that first. */
import assert from 'node:assert/strict';
import fs, {
  existsSync,
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
import {TargetFolder} from '../../../../source/transfers/disk/target-folder.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const skip = process.platform === 'win32' && 'links need a right on Windows';

/** Before the first call of `name` that is given `place`, do `act`. */
function before(t: TestContext, name: 'openSync' | 'linkSync', place: string, act: () => void) {
  let isDone = false;
  // It is called with whatever it was given.
  const original = fs[name] as (...args: unknown[]) => unknown;
  t.mock.method(fs, name, (...args: unknown[]) => {
    if (args[0] === place && !isDone) {
      isDone = true;
      act();
    }

    return original(...args);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    assert.ok(isDone, 'It was swapped');
  });
}

const swaps: Readonly<Record<string, (place: string, other: string) => void>> = {
  'another file': (place, other) => renameSync(other, place),
  'a link to another file'(place, other) {
    symlinkSync(other, `${place}.link`);
    renameSync(`${place}.link`, place);
  },
};

suite('a file of --from that is swapped is refused, and nothing becomes the partial', {
  skip,
}, () => {
  for (const [what, swap] of Object.entries(swaps)) {
    for (const [when, call, hardLinks] of [
      ['before it is opened', 'openSync', true],
      ['before it is opened, where there are no hard links', 'openSync', false],
      ['before it is renamed', 'linkSync', true],
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
          t.mock.method(fs, 'linkSync', () => {
            throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
          });
        }

        before(t, call, local, () => swap(local, other));
        assert.throws(() => adoptPartial(folder, 'a', local), {code: 'unsafe_target'});
        assert.deepEqual(readdirSync(target), []);
        assert.equal(readFileSync(local, 'utf8'), 'of somebody else');
        assert.ok(what === 'another file' || existsSync(other));
      });
    }
  }
});
