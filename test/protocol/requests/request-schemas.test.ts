import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {headerSize} from '../../../protocol/frame.ts';
import {
  decodePayload,
  encodeRequest,
  maxCompressions,
  maxFiles,
  maxPackedFile,
  maxRoots,
} from '../../../protocol/messages.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {requestSchemas} from '../../../protocol/requests/request-schemas.ts';

type Name = keyof typeof requestSchemas;

function decode(name: Name, body: object): unknown {
  const payload = Buffer.from(JSON.stringify(body));
  return decodePayload<unknown>(requestSchemas[name], payload, 'bad_request');
}

const many = (count: number, file: unknown[]) => ({files: Array(count).fill(file)});
const version = (length: number) => ({path: 'a', version: 'v'.repeat(length)});
const compress = (count: number) => ({path: 'a', compress: Array(count).fill('later')});

const limits: ReadonlyArray<[what: string, name: Name, last: object, next: object]> = [
  ['files', 'files', many(maxFiles, ['a', 1]), many(maxFiles + 1, ['a', 1])],
  ['bytes of a file', 'files', many(1, ['a', maxPackedFile]), many(1, ['a', maxPackedFile + 1])],
  ['least files', 'files', many(1, ['a', 0]), many(0, [])],
  ['roots', 'roots', many(maxRoots, ['a']), many(maxRoots + 1, ['a'])],
  ['least roots', 'roots', many(1, ['a', 0]), many(0, [])],
  ['methods of compression', 'get', compress(maxCompressions), compress(maxCompressions + 1)],
  ['a version', 'get', version(64), version(65)],
  ['a version of digests', 'digests', version(64), version(65)],
  ['a path in base64', 'list', {path: {base64: '/w=='}}, {path: {base64: 'A'.repeat(8196)}}],
  ['blocks', 'digests', {path: 'a', from: 0, to: 0}, {path: 'a', from: 0, to: -1}],
  ['hashed bytes', 'hash', {path: 'a', length: 0}, {path: 'a', length: -1}],
];

for (const [what, name, last, next] of limits) {
  test(`a request keeps to its limit, and none goes beyond it: ${what}`, () => {
    assert.ok(decode(name, last));
    assert.throws(() => decode(name, next), {code: 'bad_request'});
  });
}

test('small files and roots are asked for with SHA-256 if nothing else is said', () => {
  const files = [['a', 1]];
  assert.deepEqual(decode('files', {files}), {files, algorithm: 'sha256'});
  assert.deepEqual(decode('roots', {files}), {files, algorithm: 'sha256'});
});

test('methods of compression that this side does not know are left out', () => {
  const body = {path: 'a', compress: ['br', 'zstd', 'zstd']};
  assert.partialDeepStrictEqual(decode('get', body), {compress: ['zstd']});
});

test('names of any bytes survive a request about many files', () => {
  const raw = parseRemotePath('dir/caf\udce9');
  const files: [string, number][] = [
    [raw, 7],
    ['é', 0],
  ];
  for (const [name, frame] of [
    ['files', encodeRequest('files', {files})],
    ['roots', encodeRequest('roots', {files})],
  ] as const) {
    const payload = frame.subarray(headerSize);
    const request = decodePayload<unknown>(requestSchemas[name], payload, 'bad_request');
    assert.deepEqual(request, {files, algorithm: 'sha256'});
  }
});
