import assert from 'node:assert/strict';
import {test} from 'node:test';
import {withSignsOfLife} from '../../../server/waiting/signs-of-life.ts';

test('signs are sent until the work has settled, and then no more', async () => {
  const work = Promise.withResolvers<string>();
  let signs = 0;
  const result = withSignsOfLife(work.promise, 1, () => {
    if (++signs === 3) {
      work.resolve('done');
    }
  });
  assert.equal(await result, 'done');
  assert.equal(signs, 3);
});

test('settled work needs no sign, and its error is passed on', async () => {
  const never = () => assert.fail('no sign is due');
  assert.equal(await withSignsOfLife(Promise.resolve(7), 60_000, never), 7);
  await assert.rejects(withSignsOfLife(Promise.reject(new Error('broken')), 60_000, never), {
    message: 'broken',
  });
});

test('a sign that cannot be sent ends the waiting', async () => {
  const gone = async () => {
    throw new Error('the client has left');
  };
  await assert.rejects(withSignsOfLife(new Promise(() => {}), 1, gone), {
    message: 'the client has left',
  });
});
