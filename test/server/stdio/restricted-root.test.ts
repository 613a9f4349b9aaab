import assert from 'node:assert/strict';
import {mkdirSync, realpathSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {quoteWord} from '../../../protocol/shell-words.ts';
import {restrictedRoot} from '../../../server/stdio/restricted-root.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

/** A folder `public` with `a b` and a link that leads out, and a link to `public` beside it. */
function folders(t: TestContext): {limit: string; outside: string} {
  const base = realpathSync(temporaryFolder(t));
  const limit = join(base, 'public');
  const outside = join(base, 'public-not');
  mkdirSync(join(limit, 'a b'), {recursive: true});
  mkdirSync(outside);
  symlinkSync(outside, join(limit, 'out'));
  symlinkSync(limit, join(base, 'link'));
  return {limit, outside};
}

const command = (root: string): string => `jangada-server --stdio -- ${quoteWord(root)}`;

test('a key can read its folder and folders in it, by relative and by absolute paths', t => {
  const {limit} = folders(t);
  for (const [asked, root] of [
    ['.', limit],
    ['./a b', join(limit, 'a b')],
    [limit, limit],
    [join(limit, 'a b'), join(limit, 'a b')],
    [join(limit, '../link/a b'), join(limit, 'a b')],
  ] as const) {
    assert.equal(restrictedRoot(limit, command(asked)), root, asked);
  }

  // A link may lead to the folder itself.
  assert.equal(restrictedRoot(join(limit, '../link'), command('.')), limit);
});

test('a key can read nothing else, and the error does not say whether it exists', t => {
  const {limit, outside} = folders(t);
  for (const asked of [
    '..',
    './..',
    '/',
    outside,
    `${outside}/none`,
    'out',
    './a b/../../public-not',
    '/none',
  ]) {
    assert.throws(
      () => restrictedRoot(limit, command(asked)),
      error =>
        isJangadaError(error, 'forbidden') &&
        /is outside the folder that this key may read/.test(error.message),
      asked,
    );
  }

  assert.throws(
    () => restrictedRoot(limit, command('./none')),
    /The folder '\.\/none' does not exist/,
  );
});

test('a key refuses any other command, and runs nothing', t => {
  const {limit} = folders(t);
  for (const asked of [
    '',
    'bash',
    'scp -t .',
    'jangada-server .',
    'jangada-server --stdio .',
    'jangada-server --stdio -- ; cat /etc/passwd',
    'jangada-server --stdio -- . ; cat /etc/passwd',
    'jangada-server --stdio -- "$HOME"',
    'jangada-server --stdio -- a b',
  ]) {
    assert.throws(
      () => restrictedRoot(limit, asked),
      error => isJangadaError(error, 'bad_request') && /only for jangada/.test(error.message),
      asked,
    );
  }
});
