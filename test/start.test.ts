import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import {copyCheckout} from './fixtures/checkout.ts';

test('npm start without a terminal lists, downloads, verifies and sums up, twice', async t => {
  const checkout = copyCheckout(t);
  const stale = path.join(checkout, '.state/stale');
  mkdirSync(path.dirname(stale));
  writeFileSync(stale, '');
  const first = await finish(start(checkout));
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /fotos\n/);
  assert.match(first.output, /mar\/mar\.bin: verified, 6 blocks\n/);
  assert.match(first.output, /\d+ files, 5\.\d\d MB, complete and verified in downloads\/\n$/);
  assert.deepEqual(programsFrom(checkout), []);
  assertSameTree(path.join(checkout, 'files'), path.join(checkout, 'downloads'));

  // `npm start` begins its queue again. The queue is not in `dist/`, from which packages are made.
  assert.ok(!existsSync(stale));
  const built = readdirSync(path.join(checkout, 'dist'), {withFileTypes: true});
  assert.deepEqual(
    built.filter(entry => !entry.isFile()),
    [],
  );

  // Shorten one file, so that only this one is not complete.
  truncateSync(path.join(checkout, 'downloads/mar/mar.bin'), 5_000_000);
  const second = await finish(start(checkout));
  assert.equal(second.status, 0, second.output);
  assert.match(second.output, /verified in downloads\/ \(\d+ were there before\)\n$/);
  assertSameTree(path.join(checkout, 'files'), path.join(checkout, 'downloads'));

  const third = await finish(start(checkout));
  assert.equal(third.status, 0, third.output);
  assert.match(third.output, /verified in downloads\/ \(all were there before\)\n$/);
});

test('npm start says that it builds, before it loads the code for building', async t => {
  const checkout = copyCheckout(t);
  rmSync(path.join(checkout, 'scripts/build.ts'));
  const {status, output} = await finish(start(checkout));
  assert.equal(status, 1, output);
  assert.match(output, /^Building jangada \.\.\.\nnpm start: Cannot find module .*build\.ts/);
});

const skip = process.platform === 'win32' && 'a signal cannot be caught on Windows';

test('npm start that is interrupted stops its server and exits with 130', {skip}, async t => {
  const checkout = copyCheckout(t);
  // Large enough to be under way for long.
  truncateSync(path.join(checkout, 'files/mar/mar.bin'), 60_000_000);
  const child = start(checkout);
  const partial = path.join(checkout, 'downloads/mar/mar.bin.jangada-part');
  while (!existsSync(partial)) {
    assert.equal(child.exitCode, null, 'it ended before it could be interrupted');
    await setTimeout(10);
  }

  child.kill('SIGINT');
  const {status, output} = await finish(child);
  assert.equal(status, 130, output);
  assert.ok(existsSync(partial), 'the partial is kept');
  assert.deepEqual(programsFrom(checkout), []);
});

function start(checkout: string): ChildProcess {
  return spawn(process.execPath, [path.join(checkout, 'scripts/start.ts')], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcess): Promise<{status: number | null; output: string}> {
  let output = '';
  child.stdout?.on('data', chunk => {
    output += chunk;
  });
  child.stderr?.on('data', chunk => {
    output += chunk;
  });
  const [status] = await once(child, 'close');
  return {status, output};
}

/** The command lines of running programs of this checkout; empty if the system has no /proc. */
function programsFrom(checkout: string): string[] {
  return globSync('/proc/[0-9]*/cmdline').flatMap(file => {
    try {
      const line = readFileSync(file, 'utf8').replaceAll('\0', ' ').trim();
      return line.includes(path.join(checkout, 'dist')) ? [line] : [];
    } catch {
      // The process has ended meanwhile.
      return [];
    }
  });
}

function assertSameTree(one: string, other: string): void {
  const list = (folder: string) =>
    readdirSync(folder, {recursive: true, withFileTypes: true})
      .filter(entry => entry.isFile())
      .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .sort();
  const names = list(one);
  assert.deepEqual(list(other), names);
  for (const name of names) {
    const same = readFileSync(path.join(one, name)).equals(readFileSync(path.join(other, name)));
    assert.ok(same, `${name} differs`);
  }
}
