import assert from 'node:assert/strict';
import {test} from 'node:test';
import {escapedKey, unescapedKey} from '../../../../server/store/bucket/s3/keys-in-urls.ts';
import {
  parseListing,
  parseRefusal,
  wholeSecond,
} from '../../../../server/store/bucket/s3/listing.ts';

function listing(inside: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>${inside}</ListBucketResult>`;
}

function object(key: string, size = '1'): string {
  return `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;e&quot;</ETag><Size>${size}</Size></Contents>`;
}

const last = '<IsTruncated>false</IsTruncated>';

test('objects and folders of a page are in the order of their bytes, with times in whole seconds', () => {
  const xml = listing(
    `${last}${object('b', '12')}${object('d%F0%9F%98%80')}${object('d%EF%BF%BF')}<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>c%2F</Prefix></CommonPrefixes>`,
  );
  const {items, next} = parseListing(xml);
  assert.deepEqual(
    items.map(({key}) => key),
    ['a/', 'b', 'c/', 'd\uffff', 'd😀'],
  );
  assert.deepEqual(items[1], {
    ...{kind: 'object', key: 'b', size: 12},
    mtimeMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  });
  assert.equal(next, undefined);
});

test('keys are unescaped if the service says that it has escaped them', () => {
  const keys = (xml: string) => parseListing(xml).items.map(({key}) => key);
  const text = `${last}${object('a%20b+c%2Bd%0A%01')}${object('%E9')}`;
  assert.deepEqual(keys(listing(text)), ['a b c+d\n\x01']);
  const plain = listing(`${last}${object('a%20b&amp;')}`).replace(
    '<EncodingType>url</EncodingType>',
    '',
  );
  assert.deepEqual(keys(plain), ['a%20b&']);
});

test('there is a next page only if the service says so', () => {
  const token = '<NextContinuationToken>x/y=</NextContinuationToken>';
  assert.equal(parseListing(listing(`<IsTruncated>true</IsTruncated>${token}`)).next, 'x/y=');
  assert.equal(parseListing(listing(last + token)).next, undefined);
});

test('characters that XML 1.0 forbids are read as the service writes them', () => {
  const signs = ['\x01', '\x1f', '\u0085', '\u2028', '\ufffd'];
  for (const sign of signs) {
    const reference = `&#x${sign.charCodeAt(0).toString(16).padStart(2, '0')};`;
    const forms = sign < ' ' ? [reference] : [reference, sign];
    for (const form of forms) {
      const {items, next} = parseListing(
        listing(
          `<Prefix>a${form}</Prefix><StartAfter>${form}</StartAfter><IsTruncated>true</IsTruncated><NextContinuationToken>x${form}y</NextContinuationToken>${object('a')}`,
        ),
      );
      assert.equal(next, `x${sign}y`);
      assert.equal(items.length, 1);
    }
  }
});

test('text that is not a listing is refused', () => {
  const wrong = [
    '',
    'text',
    '<ListBucketResult>',
    listing(''),
    listing(`${last}${object('a', '-1')}`),
    listing(`${last}${object('a', '1e9')}`),
    listing(`${last}<Contents><Key>a</Key></Contents>`),
    listing('<IsTruncated>true</IsTruncated>'),
    listing(last + object('a').repeat(1001)),
    listing(`${last}${'<a>'.repeat(100)}${'</a>'.repeat(100)}`),
    `<!DOCTYPE x [<!ENTITY a "aaaa">]>${listing(`${last}${object('&a;')}`).slice(39)}`,
    listing(last).replaceAll('ListBucketResult', 'Error'),
  ];
  for (const xml of wrong) {
    assert.throws(() => parseListing(xml), {code: 'internal'}, xml.slice(0, 200));
  }
});

test('an error gives its code, if that is a plain name', () => {
  const code = (inside: string) => parseRefusal(`<Error>${inside}</Error>`);
  assert.deepEqual(code('<Code>SlowDown</Code><Region>eu-west-3</Region>'), {
    ...{code: 'SlowDown', region: 'eu-west-3'},
  });
  assert.deepEqual(code('<Code>\x1b[31m &lt;b&gt;</Code>'), {code: '', region: undefined});
  for (const text of ['', 'Bad Gateway', '<html><body>oh', '<Error><Code>a']) {
    assert.deepEqual(parseRefusal(text), {code: '', region: undefined});
  }
});

test('every character of a key with a meaning in a URL is escaped', () => {
  const key = "a b/+/%/?#&=:@!'()*/ü/\n";
  assert.equal(escapedKey(key), 'a%20b/%2B/%25/%3F%23%26%3D%3A%40%21%27%28%29%2A/%C3%BC/%0A');
  assert.equal(unescapedKey(escapedKey(key)), key);
});

test('a time is told in whole seconds, and one that is none as the beginning of time', () => {
  assert.deepEqual(
    [0, 999, 1000, 1999, -1, Number.NaN, Number.POSITIVE_INFINITY].map(wholeSecond),
    [0, 0, 1000, 1000, -1000, 0, 0],
  );
});

test('the region of an error is told only if it is a name', () => {
  const region = (text: string) => parseRefusal(`<Error><Region>${text}</Region></Error>`).region;
  assert.equal(region('eu-west-3'), 'eu-west-3');
  assert.equal(region('eu west'), undefined);
  assert.equal(region('e'.repeat(65)), undefined);
});
