import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {
  checksumKey,
  formatChecksumLine,
  parseChecksumLine,
} from '../../../../source/commands/checksums/checksum-line.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {sha256sum} from '../../../fixtures/sha256sum.ts';

const hex = '0123456789abcdef'.repeat(4);

const lines: ReadonlyArray<[text: string, name: string]> = [
  [`${hex}  a`, 'a'],
  [`${hex} *a`, 'a'],
  [`${hex.toUpperCase()}  a`, 'a'],
  [`${hex}   a `, ' a '],
  [`${hex}  *a`, '*a'],
  [`${hex}  a\r`, 'a'],
  [`\\${hex}  a\\nb\\\\c\\rd`, 'a\nb\\c\rd'],
  [`${hex}  a\\nb`, 'a\\nb'],
  [`  ${hex}  a`, 'a'],
  [`SHA256 (a (1)) = ${hex}`, 'a (1)'],
  [`\\SHA256 (a\\nb) = ${hex}`, 'a\nb'],
];

for (const [text, name] of lines) {
  test(`${JSON.stringify(text)} is the line of ${JSON.stringify(name)}`, () => {
    assert.deepEqual(parseChecksumLine(text), {sha256: hex, name});
  });
}

for (const text of ['', '\r', '# a comment', `# ${hex}  a`]) {
  test(`${JSON.stringify(text)} is an empty line or a comment`, () => {
    assert.equal(parseChecksumLine(text), 'nothing');
  });
}

for (const text of [
  'a',
  hex,
  `${hex}  `,
  `${hex} a`,
  `${hex.slice(1)}  a`,
  `0${hex}  a`,
  `${hex}  a\0b`,
  `\\${hex}  a\\tb`,
  `\\${hex}  a\\`,
  `SHA1 (a) = ${hex}`,
  `${hex.slice(24)}  a`,
]) {
  test(`${JSON.stringify(text)} is not a line of a list`, () => {
    assert.equal(parseChecksumLine(text), 'bad');
  });
}

test('every name can be read from its line, which is one line', () => {
  const name = fc
    .array(fc.constantFrom('a', '\\', '\n', '\r', ' ', '*', '#', 'ã', '\udcff'), {minLength: 1})
    .map(characters => characters.join(''));
  fc.assert(
    fc.property(name, name => {
      const line = formatChecksumLine({sha256: hex, name});
      assert.equal(line.indexOf('\n'), line.length - 1);
      assert.deepEqual(parseChecksumLine(line.slice(0, -1)), {sha256: hex, name});
    }),
  );
});

test('a line is the one that sha256sum prints, whatever the name', t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'b'));
  const names = ['a b', '-c', '#d', '*e', ' f', 'g\\h', 'i\nj', 'k\rl', 'ção', 'b/x', 'm\\n'];
  for (const name of names) {
    writeFileSync(join(folder, name), '');
  }

  const said = sha256sum(t, folder, '--', ...names);
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const ours = names.map(name => formatChecksumLine({sha256: empty, name})).join('');
  assert.equal(said?.stdout ?? ours, ours);
});

test('a name with a leading ./ is the same file', () => {
  assert.equal(checksumKey('./a'), 'a');
  assert.equal(checksumKey('.//./a/b'), 'a/b');
  assert.equal(checksumKey('../a'), '../a');
  assert.equal(checksumKey('.a'), '.a');
});
