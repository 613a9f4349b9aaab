import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {isJangadaError} from '../../protocol/errors.ts';
import {
  baseName,
  hasRawBytes,
  hasRoomBelow,
  isRemotePath,
  joinRemotePath,
  nameFromBytes,
  nameToBytes,
  parentOf,
  parseRemotePath,
  pathFromWire,
  pathToWire,
  rootPath,
} from '../../protocol/remote-path.ts';

// The row in the table of hostile inputs and its fault, the path, and the message.
const refused: ReadonlyArray<[row: string, path: string, why: RegExp]> = [
  ['1: a parent at the front', '../x', /'\.\.' part/],
  ['2: parents in the middle', 'a/../../x', /'\.\.' part/],
  ['3: absolute', '/etc/passwd', /empty part/],
  ['4: a parent that stays inside', 'a/../b', /'\.\.' part/],
  ['1–4: the parent alone', '..', /'\.\.' part/],
  ['1–4: a parent at the end', 'a/..', /'\.\.' part/],
  ['1–4: the root by its slash', '/', /empty part/],
  ['5: an empty part', 'a//b', /empty part/],
  ['6: a dot part', './a', /'\.' part/],
  ['6: a dot part at the end', 'a/.', /'\.' part/],
  ['6: a dot alone', '.', /'\.' part/],
  ['7: a slash at the end', 'a/', /empty part/],
  ['9: a NUL', 'a\0b', /NUL/],
  ['9: a NUL behind a good name', 'a.txt\0', /NUL/],
  ['10: a name of 256 bytes', 'a'.repeat(256), /name longer than 255/],
  ['10: a name of 128 characters and 256 bytes', 'é'.repeat(128), /name longer than 255/],
  ['10: a name of 256 bytes that are not UTF-8', '\udcff'.repeat(256), /name longer than 255/],
  [
    '10: a path of 4,097 bytes',
    `${`${'a'.repeat(63)}/`.repeat(63)}${'a'.repeat(65)}`,
    /longer than 4096/,
  ],
  [
    '10: a path of 4,097 bytes and fewer characters',
    `${`${'é'.repeat(31)}a/`.repeat(63)}${'é'.repeat(32)}a`,
    /longer than 4096/,
  ],
  ['10: a path of 65 parts', 'a/'.repeat(64).concat('a'), /deeper than 64/],
  ['13: half a surrogate pair that stands for no byte', 'a\ud800b', /not valid text/],
  ['13: a low surrogate that stands for no byte', 'a\udc7fb', /not valid text/],
  ['13: escaped bytes that are UTF-8, so have another string', '\udcc3\udca9', /not valid text/],
];

for (const [row, path, why] of refused) {
  test(`a path is refused, row ${row}`, () => {
    assert.throws(
      () => parseRemotePath(path),
      error => isJangadaError(error, 'bad_request') && why.test(error.message),
    );
  });
}

const accepted: ReadonlyArray<[row: string, path: string]> = [
  ['the root', ''],
  ['8: percent signs are plain characters', '%2e%2e%2f'],
  ['8: full-width dots are plain characters', '．．／x'],
  ['a name that begins with dots', '..a/...'],
  ['11: a backslash is a plain character', 'a\\..\\b'],
  ['12: names that another system reserves', 'C:x/CON/f:stream/dot./space '],
  ['10: a name of 255 bytes', 'a'.repeat(255)],
  ['10: a path of 4,096 bytes in 64 parts', `${`${'a'.repeat(63)}/`.repeat(63)}${'a'.repeat(64)}`],
  [
    '10: a path of 4,096 bytes and fewer characters',
    `${`${'é'.repeat(31)}a/`.repeat(63)}${'é'.repeat(32)}`,
  ],
  ['13: a byte that is not UTF-8', 'caf\udce9'],
  ['22: escape sequences are a name, and shown escaped', 'a\x1b[2Jb\r\n'],
  ['accents, emoji and another script', 'músicas/canção 🎸/日本語.txt'],
];

for (const [row, path] of accepted) {
  test(`a path is accepted unchanged, row ${row}`, () => {
    assert.equal(parseRemotePath(path), path);
  });
}

// Mostly whole and broken pieces of UTF-8: random bytes are almost never a valid sequence.
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({minLength: 1, maxLength: 3}),
      fc.string({unit: 'binary', maxLength: 4}).map(text => Buffer.from(text, 'utf8')),
      fc
        .string({unit: 'binary', minLength: 1, maxLength: 2})
        .map(text => Buffer.from(text, 'utf8').subarray(0, -1)),
      fc.constantFrom(
        Buffer.from([0xed, 0xb2, 0x80]), // U+DC80 in UTF-8, which forbids surrogates.
        Buffer.from([0xc0, 0xaf]), // A slash in two bytes.
        Buffer.from([0xef, 0xbb, 0xbf]), // A byte order mark.
        Buffer.from([0xf4, 0x90, 0x80, 0x80]), // Above U+10FFFF.
      ),
    ),
    {maxLength: 12},
  )
  .map(parts => Buffer.concat(parts));

test('any bytes become a string, and this string gives the same bytes', () => {
  fc.assert(
    fc.property(bytes, bytes => {
      const text = nameFromBytes(bytes);
      assert.equal(nameToBytes(text).toString('hex'), bytes.toString('hex'));
      assert.equal(hasRawBytes(text), !isUtf8(bytes));
    }),
    {numRuns: 2000},
  );
});

test('no two accepted strings stand for the same bytes', () => {
  const unit = fc.oneof(
    fc.string({unit: 'binary', maxLength: 3}),
    fc.integer({min: 0xd800, max: 0xdfff}).map(code => String.fromCharCode(code)),
    fc.integer({min: 0xdc80, max: 0xdcff}).map(code => String.fromCharCode(code)),
  );
  const text = fc.array(unit, {maxLength: 8}).map(parts => parts.join(''));
  fc.assert(
    fc.property(text, text => {
      let path: string;
      try {
        path = parseRemotePath(text);
      } catch (error) {
        assert.ok(isJangadaError(error, 'bad_request'));
        return;
      }

      // The bytes give back the string, so no other accepted string has these bytes.
      assert.equal(nameFromBytes(nameToBytes(path)), path);
    }),
    {numRuns: 3000},
  );
});

test('every name that a file system can hold is accepted and can be sent', () => {
  fc.assert(
    fc.property(bytes, bytes => {
      const name = Buffer.from(bytes.filter(byte => byte !== 0 && byte !== 0x2f)).subarray(0, 255);
      const text = nameFromBytes(name);
      if (text === '' || text === '.' || text === '..') {
        return;
      }

      const path = parseRemotePath(text);
      const wire = JSON.parse(JSON.stringify(pathToWire(path)));
      assert.equal(pathFromWire(wire), path);
      assert.equal(typeof wire === 'string', path.isWellFormed());
    }),
    {numRuns: 2000},
  );
});

test("the limit of a name's length counts bytes on disk", () => {
  assert.equal(parseRemotePath('\udcff'.repeat(255)).length, 255);
  assert.equal(parseRemotePath('é'.repeat(127)).length, 127);
});

test('the quick check of a plain path agrees with the check of each part', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      '...',
      '.a',
      'a.',
      'a'.repeat(255),
      'a'.repeat(256),
      'a\0',
      '\n',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part, {minLength: 1, maxLength: 12}), parts => {
      const path = parts.join('/');
      // With one part that is not plain, the code checks every part.
      assert.equal(path !== '' && isRemotePath(path), isRemotePath(`${path}/é`));
    }),
  );
});

test('a folder has room below it if every name in it makes a path that is neither too deep nor too long', () => {
  for (const [folder, hasRoom] of [
    ['', true],
    [`${'a/'.repeat(62)}a`, true],
    [`${'a/'.repeat(63)}a`, false],
    // With a slash and a name of 255 bytes, these paths have 4,095, 4,096 and 4,097 bytes.
    [`${`${'a'.repeat(255)}/`.repeat(15)}`.slice(0, -1), true],
    [`${`${'a'.repeat(239)}/`.repeat(16)}`.slice(0, -1).concat('a'), true],
    [`${`${'a'.repeat(239)}/`.repeat(16)}`.slice(0, -1).concat('aa'), false],
  ] as const) {
    assert.equal(hasRoomBelow(parseRemotePath(folder)), hasRoom, `${folder.length} bytes`);
  }
});

test('joining, parents and last names fit together', () => {
  const folder = parseRemotePath('fotos/2025');
  assert.equal(joinRemotePath(rootPath, 'fotos'), 'fotos');
  assert.equal(joinRemotePath(folder, 'barco.jpg'), 'fotos/2025/barco.jpg');
  assert.equal(parentOf(folder), 'fotos');
  assert.equal(parentOf(parseRemotePath('fotos')), rootPath);
  assert.equal(parentOf(rootPath), rootPath);
  assert.equal(baseName('fotos/2025'), '2025');
  assert.equal(baseName('fotos'), 'fotos');
});

test('joining refuses an invalid name', () => {
  for (const name of ['..', '', '/x', 'a//b', '.']) {
    assert.throws(
      () => joinRemotePath(parseRemotePath('fotos'), name),
      error => isJangadaError(error, 'bad_request'),
      name,
    );
  }
});

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}
