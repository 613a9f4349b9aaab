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
