import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {isJangadaError} from '../../protocol/errors.ts';
import {headerSize} from '../../protocol/frame.ts';
import {helloSchema, protocolVersion} from '../../protocol/hello.ts';
import {
  answerSchemas,
  decodePayload,
  encodeAnswer,
  encodeRequest,
  maxEntries,
  maxUnsearched,
  requestKinds,
} from '../../protocol/messages.ts';
import {nameFromBytes, parseRemotePath, pathToWire} from '../../protocol/remote-path.ts';
import {requestSchemas} from '../../protocol/requests/request-schemas.ts';

const {get, list, digests, find, hash} = requestSchemas;

const refused: ReadonlyArray<
  [what: string, schema: (typeof requestSchemas)[keyof typeof requestSchemas], json: string]
> = [
  ['no JSON', list, 'list'],
  ['nothing at all', list, ''],
  ['JSON that is not an object', list, '"a"'],
  ['JSON that is deep, row 29', list, '['.repeat(10_000)],
  ['JSON that is deep and closed, row 29', list, `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`],
  ['deep JSON behind a string with brackets', list, `{"x":"]]]\\"]]","y":${'['.repeat(9)}`],
  ['a path that is a number', list, '{"path":1}'],
  ['no path', list, '{}'],
  ['a path only in the prototype, row 29', list, '{"__proto__":{"path":"a"}}'],
  ['a path that leads out, row 1', list, '{"path":"../x"}'],
  ['a path that leads out in base64', list, '{"path":{"base64":"Li4veA=="}}'],
  ['base64 that is not', list, '{"path":{"base64":"%%%"}}'],
  ['base64 over any path', list, `{"path":{"base64":"${'QUFB'.repeat(3000)}"}}`],
  ['half a surrogate pair', list, '{"path":"a\\ud800"}'],
  ['a raw byte that did not come as base64', list, '{"path":"a\\udce9"}'],
  ['an offset that is negative, row 26', get, '{"path":"a","ranges":[[-1,1]]}'],
  ['an offset with a fraction, row 26', get, '{"path":"a","ranges":[[0.5,1]]}'],
  ['an offset over 2⁵³, row 26', get, '{"path":"a","ranges":[[9007199254740993,1]]}'],
  ['an offset without end, row 26', get, '{"path":"a","ranges":[[1e999,1]]}'],
  ['a length of 0', get, '{"path":"a","ranges":[[0,0]]}'],
  ['a range of one number', get, '{"path":"a","ranges":[[0]]}'],
  ['a range of three numbers', get, '{"path":"a","ranges":[[0,1,2]]}'],
  ['an unknown algorithm', get, '{"path":"a","algorithm":"md5"}'],
  ['a version over 64 characters', get, `{"path":"a","version":"${'v'.repeat(65)}"}`],
  ['an empty version', get, '{"path":"a","version":""}'],
  ['a negative block', digests, '{"path":"a","from":-1}'],
  ['no mask', find, '{"path":"","masks":[]}'],
  ['folders that are a number', find, '{"path":"","masks":["*"],"folders":1}'],
  ['a mask that is an object', find, '{"path":"","masks":[{}]}'],
  ['a length as text', hash, '{"path":"a","length":"7"}'],
];

for (const [what, schema, json] of refused) {
  test(`a request with ${what} is a bad request`, () => {
    assert.throws(
      () => decodePayload(schema, Buffer.from(json), 'bad_request'),
      error => isJangadaError(error, 'bad_request'),
    );
  });
}

for (const [schema, json, message] of [
  [get, '{"path":"a","ranges":[[0,0]]}', /: ranges\.0\.1 is too small$/],
  [get, '{"path":"a","ranges":[[9007199254740993,1]]}', /: ranges\.0\.0 is too large$/],
  [get, '{"path":"a","algorithm":"md5"}', /: algorithm has a value that is not allowed$/],
  [hash, '{"path":"a","length":"7"}', /: length is missing or has the wrong type$/],
  [find, '{"path":""}', /: masks is missing or has the wrong type$/],
  [list, '"a"', /: it is missing or has the wrong type$/],
  [list, '{"path":"../x"}', /^This is not a path under the root: it has a '\.\.' part$/],
] as const) {
  test(`the error about ${json} is a sentence`, () => {
    for (const [code, what] of [
      ['bad_request', 'This request does not follow the protocol'],
      ['protocol', 'The message of the server does not follow the protocol'],
    ] as const) {
      assert.throws(
        () => decodePayload<unknown>(schema, Buffer.from(json), code),
        error => {
          assert.ok(isJangadaError(error, code));
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(what) || error.message.startsWith('This is not'));
          assert.doesNotMatch(error.message, /expected|Invalid|input/i);
          return true;
        },
      );
    }
  });
}

test('a payload that is not UTF-8 is refused, not repaired', () => {
  const payload = Buffer.from('{"path":"caf\xe9"}', 'latin1');
  assert.throws(
    () => decodePayload(list, payload, 'bad_request'),
    error => isJangadaError(error, 'bad_request'),
  );
});

test('extra fields are dropped, row 29', () => {
  const payload = '{"path":"a","more":[[[1]]],"__proto__":{"x":1},"constructor":2}';
  const request = decodePayload(list, Buffer.from(payload), 'bad_request');
  assert.deepEqual(Object.keys(request), ['path']);
  assert.equal(Object.getPrototypeOf(request), Object.prototype);
  assert.equal('x' in request, false);
  assert.equal('x' in {}, false);
});

test('a name may have quotes, backslashes and brackets in any number', () => {
  for (const path of ['a"[[[[[[[[[[', '\\"{{{{{{{{{{', `${'["'.repeat(10)}\\`]) {
    const payload = Buffer.from(JSON.stringify({path}));
    assert.equal(decodePayload(list, payload, 'bad_request').path, path);
  }
});

test('JSON is accepted up to the depth that the protocol allows, and no deeper', () => {
  const nested = (depth: number) =>
    Buffer.from(`{"path":"a","flat":[],"deep":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`);
  assert.deepEqual(decodePayload(list, nested(8), 'bad_request'), {path: 'a'});
  assert.throws(
    () => decodePayload(list, nested(9), 'bad_request'),
    error => isJangadaError(error, 'bad_request'),
  );
});

test('a huge JSON text is checked in a time proportional to its size', () => {
  const payload = Buffer.from(`{"path":"a","masks":[${'"\\\\",'.repeat(40_000)}"x"]}`);
  assert.equal(decodePayload(find, payload, 'bad_request').masks.length, 40_001);
});

test('missing fields of a request get their defaults', () => {
  const decode = <Name extends 'digests' | 'get' | 'hash'>(name: Name) =>
    decodePayload(requestSchemas[name], Buffer.from('{"path":"a"}'), 'bad_request');
  assert.deepEqual(decode('digests'), {path: 'a', from: 0, algorithm: 'sha256'});
  assert.deepEqual(decode('get'), {path: 'a', clip: false, algorithm: 'sha256'});
  assert.deepEqual(decode('hash'), {path: 'a', algorithm: 'sha256'});
  assert.deepEqual(decodePayload(find, Buffer.from('{"path":"a","masks":["*"]}'), 'bad_request'), {
    path: 'a',
    masks: ['*'],
    folders: false,
  });
});

test('a path of any bytes survives a request', () => {
  const name = fc
    .uint8Array({minLength: 1, maxLength: 40})
    .map(bytes => nameFromBytes(bytes.filter(byte => byte !== 0 && byte !== 0x2f)))
    .filter(name => name !== '' && name !== '.' && name !== '..');
  fc.assert(
    fc.property(name, name => {
      const path = parseRemotePath(`fotos/${name}`);
      const frame = encodeRequest('stat', {path});
      assert.equal(frame[4], requestKinds.stat);
      const request = decodePayload(requestSchemas.stat, frame.subarray(headerSize), 'bad_request');
      assert.equal(request.path, path);
    }),
    {numRuns: 500},
  );
});

test('one bad name does not spoil a listing: the caller checks each name separately', () => {
  const entry = {type: 'file' as const, size: 1, mtimeMs: 2.5};
  const names = ['../x', '/x', '', 'ok.txt', 'caf\udce9'];
  const frame = encodeAnswer('entries', {
    entries: names.map(name => ({...entry, name: pathToWire(name)})),
  });
  const {entries} = decodePayload(answerSchemas.entries, frame.subarray(headerSize), 'protocol');
  assert.deepEqual(
    entries.map(({name}) => name),
    names,
  );
});

const badAnswers: ReadonlyArray<
  [what: string, schema: (typeof answerSchemas)[keyof typeof answerSchemas], value: unknown]
> = [
  ['a negative size', answerSchemas.file, {size: -1, mtimeMs: 0, version: 'v'}],
  ['a time that is text', answerSchemas.file, {size: 1, mtimeMs: '0', version: 'v'}],
  ['no version', answerSchemas.file, {size: 1, mtimeMs: 0}],
  ['a root digest that is not hexadecimal', answerSchemas.end, {root: 'x'.repeat(64)}],
  [
    'a digest of half the length',
    answerSchemas.hashed,
    {digest: 'ab', length: 1, size: 1, version: 'v'},
  ],
  [
    'an unknown type of entry',
    answerSchemas.entry,
    {name: 'a', type: 'link', size: 0, mtimeMs: 0, version: 'v'},
  ],
  [
    'too many entries',
    answerSchemas.entries,
    {entries: new Array(maxEntries + 1).fill({name: 'a', type: 'file', size: 0, mtimeMs: 0})},
  ],
  [
    'more names of unsearched places than the protocol allows',
    answerSchemas.end,
    {
      unsearched: {
        count: maxUnsearched + 1,
        first: new Array(maxUnsearched + 1).fill({name: 'a', code: 'forbidden'}),
      },
    },
  ],
  ['an endless error message', answerSchemas.error, {code: 'busy', message: 'x'.repeat(2001)}],
];

for (const [what, schema, value] of badAnswers) {
  test(`an answer with ${what} breaks the protocol`, () => {
    assert.throws(
      () => decodePayload(schema, Buffer.from(JSON.stringify(value)), 'protocol'),
      error => isJangadaError(error, 'protocol'),
    );
  });
}

test('an error message of 2,000 characters, and a thousand entries, are taken', () => {
  const error = {code: 'busy', message: 'x'.repeat(2000)};
  const decode = (schema: (typeof answerSchemas)['error' | 'entries'], value: object) =>
    decodePayload<unknown>(schema, Buffer.from(JSON.stringify(value)), 'protocol');
  assert.deepEqual(decode(answerSchemas.error, error), error);
  const raw = {name: {base64: '/w=='}, type: 'file', size: 0, mtimeMs: 0};
  const {entries} = decode(answerSchemas.entries, {entries: Array(maxEntries).fill(raw)}) as {
    entries: unknown[];
  };
  assert.equal(entries.length, maxEntries);
});

test('an error with a code of a later version counts as internal', () => {
  const payload = Buffer.from('{"code":"tired","message":"Later, please"}');
  assert.deepEqual(decodePayload(answerSchemas.error, payload, 'protocol'), {
    code: 'internal',
    message: 'Later, please',
  });
});

test('unknown algorithms and features in hello are left out', () => {
  const hello = {
    protocol: protocolVersion,
    server: 'jangada-server/0.1.0',
    algorithms: ['sha256', 'sha3', 'blake3'],
    token: false,
    limits: {payload: 1, pipelined: 1, ranges: 1, masks: 1, maskLength: 1},
  };
  const decode = (value: object) =>
    decodePayload(helloSchema, Buffer.from(JSON.stringify(value)), 'protocol');
  assert.deepEqual(decode(hello).algorithms, ['blake3', 'sha256']);
  assert.deepEqual(decode(hello).features, []);
  const told = ['fly', 'find-folders', '__proto__', 'find-folders'];
  assert.deepEqual(decode({...hello, features: told}).features, ['find-folders']);
  for (const features of ['find-folders', [1], new Array(65).fill('x')]) {
    assert.throws(
      () => decode({...hello, features}),
      error => isJangadaError(error, 'protocol'),
    );
  }

  assert.throws(
    () => decode({...hello, protocol: 2}),
    error => isJangadaError(error, 'protocol'),
  );
});
