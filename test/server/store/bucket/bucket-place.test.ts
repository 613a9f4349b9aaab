import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {bucketPlace, isBucketUrl} from '../../../../server/store/bucket/s3/bucket-place.ts';

const keys = {AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret/+='};

test('a URL names a bucket and a prefix of its keys', () => {
  const cases: [url: string, bucket: string, prefix: string][] = [
    ['s3://photos', 'photos', ''],
    ['s3://photos/', 'photos', ''],
    ['s3://photos/a', 'photos', 'a/'],
    ['s3://photos/a b/%41/', 'photos', 'a b/%41/'],
    ['s3://my.bucket_1/ü', 'my.bucket_1', 'ü/'],
    ['s3://photos/ann@home', 'photos', 'ann@home/'],
  ];
  for (const [url, bucket, prefix] of cases) {
    const place = bucketPlace(url, undefined, keys);
    assert.deepEqual([place.bucket, place.prefix], [bucket, prefix]);
  }

  assert.ok(isBucketUrl('s3://x') && !isBucketUrl('./s3://x') && !isBucketUrl('/s3'));
});

test('a URL without a bucket, and an endpoint with more than a host, are refused', () => {
  for (const url of ['s3://', 's3:///a', 's3://a', 's3://a b/c', 's3://abc//', 's3://abc/../d']) {
    assert.throws(() => bucketPlace(url, undefined, keys), {code: 'usage'}, url);
  }

  const endpoints = ['x', 'ftp://x', 'http://x/y', 'http://u:pass@x', 'http://x?y', 'http://x#y'];
  for (const endpoint of endpoints) {
    const place = () => bucketPlace('s3://abc', endpoint, keys);
    assert.throws(place, {code: 'usage', message: /^(?!.*pass@)/}, endpoint);
  }

  const region = {...keys, AWS_REGION: 'a b'};
  assert.throws(() => bucketPlace('s3://abc', undefined, region), {code: 'usage'});
});

test('a URL with access keys is refused, and never shown', () => {
  for (const url of [
    's3://AKID:hidden@photos',
    's3://AKID:hid/den@photos/a',
    's3://photos/../hidden@b',
  ]) {
    assert.throws(() => bucketPlace(url, undefined, keys), {
      code: 'usage',
      message: /^(?!.*(AKID|hid|den))/,
    });
  }
});

test('the service comes from the option, from the environment, or is AWS in the region', () => {
  const endpoint = (option: string | undefined, environment: object) =>
    bucketPlace('s3://abc', option, {...keys, ...environment}).endpoint.href;
  const named = {AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'eu-west-3'};
  assert.equal(endpoint('https://x:2', named), 'https://x:2/');
  assert.equal(endpoint(undefined, named), 'http://127.0.0.1:1/');
  const both = {...named, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3'};
  assert.equal(endpoint(undefined, both), 'http://127.0.0.1:3/');
  assert.equal(
    endpoint(undefined, {AWS_REGION: 'eu-west-3'}),
    'https://s3.eu-west-3.amazonaws.com/',
  );
  const other = {AWS_DEFAULT_REGION: 'eu-north-1'};
  assert.equal(endpoint(undefined, other), 'https://s3.eu-north-1.amazonaws.com/');
  assert.equal(bucketPlace('s3://abc', undefined, {...keys, ...other}).region, 'eu-north-1');
  const region = {...other, AWS_REGION: 'eu-west-3'};
  assert.equal(bucketPlace('s3://abc', undefined, {...keys, ...region}).region, 'eu-west-3');
  assert.equal(endpoint(undefined, {}), 'https://s3.us-east-1.amazonaws.com/');
});

test('access keys come from the environment, or from a profile in the credentials file', t => {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-keys-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'credentials');
  writeFileSync(
    file,
    '# mine\n[default]\naws_access_key_id = A\naws_secret_access_key=B = C\n\n[work]\r\naws_access_key_id=D\r\naws_secret_access_key=E\r\naws_session_token=F\r\n[half]\naws_access_key_id=G\n',
  );
  const of = (environment: Record<string, string>) =>
    bucketPlace('s3://abc', undefined, {AWS_SHARED_CREDENTIALS_FILE: file, ...environment})
      .credentials;
  const whole = {accessKeyId: 'id', secretAccessKey: 'secret/+='};
  assert.deepEqual(of(keys), whole);
  assert.deepEqual(of({...keys, AWS_SESSION_TOKEN: 't'}), {...whole, sessionToken: 't'});
  assert.deepEqual(of({AWS_PROFILE: 'work'}), {
    ...{accessKeyId: 'D', secretAccessKey: 'E', sessionToken: 'F'},
  });
  const wrong: Record<string, string>[] = [
    {},
    {AWS_PROFILE: 'half'},
    {AWS_PROFILE: 'none'},
    {AWS_ACCESS_KEY_ID: 'id'},
    {AWS_SECRET_ACCESS_KEY: 'secret'},
    {...keys, AWS_SECRET_ACCESS_KEY: 'two words'},
    {...keys, AWS_ACCESS_KEY_ID: 'i'.repeat(4097)},
    {...keys, AWS_SESSION_TOKEN: 'a\r\nb: c'},
    {AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none')},
  ];
  for (const environment of wrong) {
    assert.throws(() => of(environment), {code: 'forbidden', message: /^(?!.*[BEG] )/});
  }
});
