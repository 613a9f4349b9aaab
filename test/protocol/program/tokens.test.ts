import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {formatToken, parseTokens} from '../../../protocol/program/tokens.ts';

suite('lines of tokens', () => {
  test('have a token, and optionally a name before it, and a folder and an end after it', () => {
    const text = [
      '# friends',
      '',
      'bare-token',
      'anna=Tok/en+=',
      '  padded==  ',
      'kid=t folder=photos/2025%20old expires=2031-02-03T04:05:06.000Z',
    ].join('\r\n');
    assert.deepEqual(parseTokens(text), [
      {name: undefined, token: 'bare-token', folder: '', expiresMs: undefined},
      {name: 'anna', token: 'Tok/en+=', folder: '', expiresMs: undefined},
      {name: undefined, token: 'padded==', folder: '', expiresMs: undefined},
      {
        name: 'kid',
        token: 't',
        folder: 'photos/2025 old',
        expiresMs: Date.UTC(2031, 1, 3, 4, 5, 6),
      },
    ]);
  });

  test('are parsed as they were written', () => {
    for (const line of parseTokens(
      'a=b folder=x%25/%c3%a9%0a/%ff expires=2031-02-03T04:05:06.789Z',
    )) {
      assert.deepEqual(parseTokens(formatToken(line)), [line]);
    }
  });

  test('have a folder without slashes at its ends, and a name of 64 characters at most', () => {
    assert.deepEqual(
      parseTokens('a=t folder=/photos//').map(({folder}) => folder),
      ['photos'],
    );
    const long = 'n'.repeat(64);
    assert.partialDeepStrictEqual(parseTokens(`${long}=t`), [{name: long, token: 't'}]);
    // A longer one is a part of the token, and so is one with other characters.
    for (const token of [`${long}n=t`, 'a$b=t', 'a=', '=a']) {
      assert.partialDeepStrictEqual(parseTokens(token), [{name: undefined, token}]);
    }
  });

  test('are written with no more than they have', () => {
    const [bare, named] = parseTokens('t\na=t folder=b');
    assert.deepEqual(
      [bare, named].map(token => token && formatToken(token)),
      ['t', 'a=t folder=b'],
    );
  });

  test('of several tokens may all be without a name', () => {
    assert.equal(parseTokens('a\nb\nc=d').length, 3);
  });

  for (const [line, message] of [
    ['täken', /^Line 1 .* visible ASCII/],
    [`${'x'.repeat(513)}`, /^Line 1 .* 1 to 512/],
    ['a=b folder=../x', /^Line 1 /],
    ['a=b expires=tomorrow', /^Line 1 .*expires=TIME/],
    ['a=b fodler=x', /^Line 1 .*folder=PATH/],
    ['a=b\na=c', /Two tokens have the name 'a'/],
  ] as const) {
    test(`'${line.slice(0, 30)}' is refused, and the error shows no token`, () => {
      assert.throws(() => parseTokens(line), {code: 'bad_request', message});
      assert.throws(
        () => parseTokens(line),
        error => error instanceof Error && !error.message.includes(line.slice(0, 3)),
      );
    });
  }
});
