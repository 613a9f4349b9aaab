/** Checks the table of `docs/where-to-change-what.md`: each path that it names exists, and each change has one row. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(checkout, 'docs/where-to-change-what.md'), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| change |'));
const folders = readdirSync(checkout, {withFileTypes: true})
  .filter(entry => entry.isDirectory())
  .map(({name}) => `${name}/`);

/** The paths in backticks in a row: files, known by their endings, and folders. */
function pathsIn(row: string): string[] {
  return [...row.matchAll(/`([\w./-]+)`/g)]
    .map(([, path = '']) => path)
    .filter(path => /\.(?:ts|tsx|md|json|sh)$|\/$/.test(path));
}

/** Whether `path` is a whole path from the checkout. */
function isWhole(path: string): boolean {
  return folders.some(folder => path.startsWith(folder)) || /^[A-Z]+\.md$/.test(path);
}

/** Whether the short path `path` exists below a folder of one of the whole paths in the same row. */
function isBelowOne(path: string, whole: readonly string[]): boolean {
  return whole.some(one => {
    let folder = one.endsWith('/') ? one : dirname(one);
    while (folder !== '.' && !existsSync(join(checkout, folder, path))) {
      folder = dirname(folder);
    }

    return folder !== '.';
  });
}

test('every path of the table is in the checkout', () => {
  assert.ok(rows.length > 50, `${rows.length} rows`);
  const missing = rows.flatMap(row => {
    const paths = pathsIn(row);
    const whole = paths.filter(isWhole);
    return paths.filter(path =>
      isWhole(path) ? !existsSync(join(checkout, path)) : !isBelowOne(path, whole),
    );
  });
  assert.deepEqual(missing, []);
});

test('the names in brackets behind a file are in that file', () => {
  const missing = rows.flatMap(row =>
    [...row.matchAll(/`([\w./-]+\.tsx?)` \((`#?\w+`(?:, `#?\w+`)*)\)/g)]
      .filter(([, path = '']) => isWhole(path))
      .flatMap(([, path = '', names = '']) => {
        const text = readFileSync(join(checkout, path), 'utf8');
        const words = names.split(', ').map(name => name.slice(1, -1));
        return words.filter(word => !text.includes(word)).map(word => `${word} in ${path}`);
      }),
  );
  assert.deepEqual(missing, []);
});

test('each change has one row', () => {
  const changes = rows.map(row => row.split('|')[1]?.trim());
  assert.deepEqual(
    changes.filter((change, index) => changes.indexOf(change) !== index),
    [],
  );
});
