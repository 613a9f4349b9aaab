import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {
  connectionError,
  isPassing,
  odd,
  refusalError,
  silentError,
} from '../../../../../server/store/bucket/s3/s3-errors.ts';

const refusal = (status: number, code = '', region?: string) =>
  refusalError({status, code, region});

test('each status of the service is told as what it means, and only passing ones are tried again', () => {
  const cases: [status: number, code: string, isTriedAgain: boolean][] = [
    [401, 'forbidden', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [408, 'busy', true],
    [409, 'changed', false],
    [412, 'changed', false],
    [416, 'changed', false],
    [429, 'busy', true],
    [499, 'internal', false],
    [500, 'busy', true],
    // It will never be implemented a little later.
    [501, 'internal', false],
    [502, 'busy', true],
    [503, 'busy', true],
    [599, 'busy', true],
    [301, 'internal', false],
  ];
  for (const [status, code, isTriedAgain] of cases) {
    const error = refusal(status, 'SomeCode');
    assert.deepEqual([error.code, isPassing(error)], [code, isTriedAgain], `${status}`);
    assert.match(String(error.cause), new RegExp(`S3 answered ${status} SomeCode$`));
  }

  assert.match(String(refusal(404).cause), /S3 answered 404$/);
  assert.equal(isPassing(connectionError(new Error('reset'))), true);
  assert.equal(isPassing(silentError(10)), true);
  assert.equal(isPassing(odd('it is wrong')), false);
  assert.equal(isPassing(new JangadaError('aborted', 'Stopped')), false);
  assert.equal(isPassing(new Error('busy')), false);
});

test('a bucket that does not exist is told from an object that does not', () => {
  assert.match(refusal(404, 'NoSuchBucket').message, /bucket does not exist/);
  assert.match(refusal(404, 'NoSuchKey').message, /no such object/);
});

test('another region is advised only for a status that speaks of the place of the bucket', () => {
  for (const status of [301, 307, 400]) {
    assert.match(refusal(status, '', 'eu-west-3').message, /set AWS_REGION=eu-west-3$/);
    assert.doesNotMatch(refusal(status).message, /AWS_REGION/);
  }

  for (const [status, code] of [
    [403, 'forbidden'],
    [404, 'not_found'],
    [503, 'busy'],
  ] as const) {
    assert.equal(refusal(status, '', 'eu-west-3').code, code);
  }
});
