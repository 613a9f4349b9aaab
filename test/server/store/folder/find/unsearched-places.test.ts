import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {UnsearchedPlaces} from '../../../../../server/store/folder/find/unsearched-places.ts';

const systemError = (code: string) => Object.assign(new Error(code), {code});

test('each place has the code for its reason: a disk error is internal, too long is too_large', () => {
  for (const [error, code] of [
    [systemError('EACCES'), 'forbidden'],
    [systemError('EIO'), 'internal'],
    [systemError('ENOENT'), 'not_found'],
    [systemError('ENAMETOOLONG'), 'too_large'],
    [systemError('EMFILE'), 'busy'],
    [new JangadaError('not_a_folder', 'It is a file by now'), 'not_a_folder'],
  ] as const) {
    const places = new UnsearchedPlaces();
    places.add(parseRemotePath('a'), error);
    assert.deepEqual(places.found, {count: 1, first: [{name: 'a', code}]});
    assert.equal(places.baseError, undefined);
  }
});

test('a place that is added twice counts once, with its first reason', () => {
  const places = new UnsearchedPlaces();
  places.add(parseRemotePath('a'), systemError('EACCES'));
  places.add(parseRemotePath('a'), systemError('EIO'));
  places.addTooDeep(parseRemotePath('b'));
  assert.deepEqual(places.found, {
    count: 2,
    first: [
      {name: 'a', code: 'forbidden'},
      {name: 'b', code: 'too_large'},
    ],
  });
});

test('an error of the searched folder itself fails the search, unless its paths are only too deep', () => {
  const places = new UnsearchedPlaces();
  places.addTooDeep(parseRemotePath(''));
  assert.equal(places.baseError, undefined);
  const unread = new UnsearchedPlaces();
  unread.add(parseRemotePath(''), systemError('EIO'));
  assert.equal(unread.baseError?.code, 'internal');
});
