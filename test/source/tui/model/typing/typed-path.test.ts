import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {typedPath} from '../../../../../source/tui/model/typing/typed-path.ts';

const from = {
  folder: parseRemotePath('fotos/2025'),
  server: {scheme: 'jangada', host: 'Example.org', port: 1234},
} as const;

suite('a typed path', () => {
  for (const [text, path] of [
    ['/a/b', 'a/b'],
    ['/', ''],
    ['', 'fotos/2025'],
    ['a b/', 'fotos/2025/a b'],
    ['../2024//x', 'fotos/2024/x'],
    ['./../..', ''],
    ['jangada://example.org/a%20b', 'a b'],
    [' jangada://EXAMPLE.org:1234/ ', ''],
  ] as const) {
    test(`'${text}' is '${path}'`, () => {
      assert.equal(typedPath(text, from), path);
    });
  }

  for (const [text, message] of [
    ['../../..', /leads above/],
    ['/a\0b', /NUL/],
    ['jangada://example.org:1/a', /another server/],
    ['http://example.org/a', /begins with http/],
    ['ssh://example.org/a', /another server/],
  ] as const) {
    test(`'${text}' is refused`, () => {
      assert.throws(() => typedPath(text, from), {message});
    });
  }
});
