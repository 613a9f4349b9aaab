import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {ServerSet} from '../../../../../source/client/servers/server-set.ts';
import {UnfitServers} from '../../../../../source/transfers/blocks/servers/unfit-servers.ts';
import {path} from '../../../../fixtures/harness.ts';

function startUnfit() {
  const a = parseAddress('a:1');
  const b = parseAddress('b:1');
  const servers = new ServerSet([a, b], {isIdle: () => true, reach: async () => undefined});
  return {a, b, servers, unfit: new UnfitServers({servers}, path('big'))};
}

test('a server whose blocks arrived damaged stays out, even if it is also slow', () => {
  const {b, unfit} = startUnfit();
  assert.ok(unfit.leftOut(b, new JangadaError('digest_mismatch', 'x')));
  unfit.tooSlow(b);
  unfit.takeSlow();
  unfit.lookAgain();
  assert.ok(unfit.has(b));
});

test('a slow server is used again when another one is lost', () => {
  const {b, unfit} = startUnfit();
  unfit.tooSlow(b);
  assert.ok(unfit.has(b));
  unfit.takeSlow();
  assert.ok(!unfit.has(b));
});

test('a file begins again with the version of the only remaining server, but not if its blocks were damaged', t => {
  for (const [code, begins] of [
    ['changed', true],
    ['digest_mismatch', false],
  ] as const) {
    const {a, b, servers, unfit} = startUnfit();
    t.after(() => servers.close());
    assert.ok(unfit.leftOut(b, new JangadaError(code, 'x')));
    const choice = {without: unfit, otherwise: () => unfit.noOther()};
    assert.equal(servers.otherwise(choice), undefined);
    servers.failed(servers.at(a), new JangadaError('unreachable', 'x'));
    assert.equal(servers.otherwise(choice)?.code === 'changed', begins);
  }
});

test('a server is left out only for an error that says something about the file, and if another one can replace it', () => {
  const {a, b, servers, unfit} = startUnfit();
  const transient = ['connection_lost', 'unreachable', 'busy', 'timed_out', 'aborted'] as const;
  for (const code of transient) {
    assert.equal(unfit.leftOut(b, new JangadaError(code, 'x')), false, code);
  }

  assert.equal(unfit.leftOut(b, new Error('x')), false);
  assert.equal(unfit.has(b), false);
  assert.equal(unfit.leftOut(b, new JangadaError('not_found', 'x')), true);
  assert.equal(unfit.leftOut(a, new JangadaError('not_found', 'x')), false, 'no other is left');
  assert.deepEqual([unfit.has(a), unfit.has(b)], [false, true]);
  servers.close();
});

test('a server that is left out is told of once, with the reason in words', () => {
  for (const [code, given, said] of [
    ['changed', undefined, 'it has another version of the file'],
    ['not_found', undefined, 'it does not have the file'],
    ['digest_mismatch', undefined, 'its blocks arrived damaged'],
    ['forbidden', undefined, 'as the server says'],
    ['changed', 'as given', 'as given'],
  ] as const) {
    const {b, servers, unfit} = startUnfit();
    const news: unknown[] = [];
    servers.onNews(one => news.push(one));
    const error = new JangadaError(code, 'as the server says');
    assert.ok(unfit.leftOut(b, error, given));
    assert.ok(unfit.leftOut(b, error, given));
    assert.deepEqual(news, [{name: 'unfit', server: b, path: 'big', code, reason: said}]);
  }
});

for (const code of ['digest_mismatch', 'unexpected'] as const) {
  test(`a server that sent blocks that are ${code} stays out when the file begins again, one with another version does not`, () => {
    for (const [why, isOut] of [
      [code, true],
      ['changed', false],
    ] as const) {
      const {b, unfit} = startUnfit();
      assert.ok(unfit.leftOut(b, new JangadaError(why, 'x')));
      unfit.takeSlow();
      assert.ok(unfit.has(b));
      unfit.lookAgain();
      assert.equal(unfit.has(b), isOut);
    }
  });
}

test('a file begins again for a server that was slow and is there alone, which is then taken again', () => {
  const {b, unfit} = startUnfit();
  assert.equal(unfit.noOther(), undefined);
  unfit.tooSlow(b);
  assert.equal(unfit.noOther()?.code, 'changed');
  unfit.lookAgain();
  assert.equal(unfit.has(b), false);
});
