import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {Matcher} from '../../../../server/store/bucket/find/matcher.ts';

const client = (peer = 'a') => ({peer, signal: new AbortController().signal});
const hopeless = {
  masks: ['*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'],
  names: ['a'.repeat(250)],
  folders: [false],
};

test('names are matched in a thread, by the rules of the protocol for masks', async t => {
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  const task = {
    masks: ['**/*.txt', 'd*/', '!x/**'],
    names: ['a.txt', 'a/b.txt', 'a.jpg', 'd', 'd', 'x/a.txt'],
    folders: [false, false, false, true, false, false],
  };
  for (let round = 0; round < 3; round++) {
    assert.deepEqual([...(await matcher.match(task, client()))], [1, 1, 0, 1, 0, 0]);
  }
});

test('masks that would take for ever end with an error, and do not delay others', async t => {
  const matcher = new Matcher(400);
  t.after(() => matcher.close());
  const other = {masks: ['*'], names: ['a'], folders: [false]};
  const asked = assert.rejects(matcher.match(hopeless, client()), {code: 'bad_mask'});
  assert.deepEqual([...(await matcher.match(other, client('b')))], [1]);
  await asked;
  assert.deepEqual([...(await matcher.match(other, client()))], [1]);
});

test('if a thread does not start, the search fails with the cause, and the server continues', async t => {
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  // The loader that runs TypeScript in the thread reads this variable, and fails.
  process.env.TSX_TSCONFIG_PATH = '/not/there.json';
  t.after(() => delete process.env.TSX_TSCONFIG_PATH);
  const task = {masks: ['*'], names: ['a'], folders: [false]};
  await assert.rejects(matcher.match(task, client()), error => {
    assert.ok(isJangadaError(error, 'internal'));
    assert.match(String(error.cause), /not.there/);
    return true;
  });
  delete process.env.TSX_TSCONFIG_PATH;
  assert.deepEqual([...(await matcher.match(task, client()))], [1]);
});

test('when a client leaves, its matching ends', async t => {
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  const stop = new AbortController();
  const asked = assert.rejects(matcher.match(hopeless, {peer: 'a', signal: stop.signal}), {
    code: 'aborted',
  });
  setImmediate(() => stop.abort());
  await asked;
});
