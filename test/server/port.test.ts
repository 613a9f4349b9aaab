import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pino} from 'pino';
import {Port} from '../../server/port.ts';
import {goodToken, testDoor} from '../fixtures/door.ts';

test('the log has the address and the fingerprint of a server, and not its token', async t => {
  const door = testDoor(t);
  const served = {name: '/srv/\u001b', door, trustsProxies: false, classic: false};
  const port = await Port.open({host: '127.0.0.1', port: 0}, served, () => {});
  t.after(() => port.close());
  assert.ok(port.address.includes(`${goodToken}@127.0.0.1:${port.port}#`));
  const lines: object[] = [];
  const options = {base: null, timestamp: false};
  port.tell(pino(options, {write: line => lines.push(JSON.parse(line) as object)}));
  assert.deepEqual(lines, [
    {
      level: 30,
      address: `jangadas://127.0.0.1:${port.port}`,
      fingerprint: `sha256:${door.tls?.fingerprint}`,
      msg: "serving '/srv/\\x1b', read-only, to programs on this machine that know a token, over TLS",
    },
  ]);
});

test('what is open to everybody is a warning, also that old clients are answered', async t => {
  const served = {name: '/srv', door: {}, trustsProxies: true, classic: true};
  const port = await Port.open({port: 0}, served, () => {});
  t.after(() => port.close());
  assert.equal(port.host, '127.0.0.1');
  const lines: object[] = [];
  const options = {base: null, timestamp: false};
  port.tell(pino(options, {write: line => lines.push(JSON.parse(line) as object)}));
  assert.deepEqual(lines, [
    {
      level: 40,
      address: `jangada://127.0.0.1:${port.port}`,
      msg: `serving '/srv', read-only, to ${port.audience.text}`,
    },
    {level: 40, msg: 'the server answers the classic dialogue, too'},
  ]);
});
