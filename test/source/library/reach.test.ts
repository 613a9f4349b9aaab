import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {Client, parseAddress} from '../../../source/index.ts';
import {Reached} from '../../../source/library/reach.ts';

test('an ssh address is split into the folder to serve and the name of the file', async () => {
  for (const [address, root, path] of [
    ['ssh://host/srv/a/b.bin', '/srv/a', 'b.bin'],
    ['ssh://host/b.bin', '/', 'b.bin'],
    ['ssh://host/~/b.bin', '.', 'b.bin'],
    ['ssh://host/~/a/b%20c.bin', './a', 'b c.bin'],
  ]) {
    await using reached = new Reached(address ?? '', undefined);
    const {address: server} = reached.client;
    assert.ok(server.scheme === 'ssh');
    assert.deepEqual([server.root, reached.path], [root, path], address);
  }

  for (const address of ['ssh://host', 'ssh://host/', 'ssh://host/~']) {
    assert.throws(
      () => new Reached(address, undefined),
      error => isJangadaError(error, 'usage'),
    );
  }
});

test('a path given with a server may have characters that are special in addresses', async () => {
  await using below = new Reached('50%.txt', 'jangada://127.0.0.1:1/a%20b');
  assert.equal(below.path, 'a b/50%.txt');
  await using whole = new Reached('jangada://127.0.0.1:1/a/50%25.txt', undefined);
  assert.equal(whole.path, 'a/50%.txt');
  await using client = new Client(parseAddress('jangada://127.0.0.1:1/a'));
  await using shared = new Reached('a@b#c.txt', client);
  assert.deepEqual([shared.path, shared.client, shared.isOwn], ['a@b#c.txt', client, false]);
});

test('an error about an address beside a server does not show the token', () => {
  assert.throws(() => new Reached('jangadas://SECRET@h:1/a', 'jangada://h:1'), {
    code: 'usage',
    message: /^'jangadas:\/\/h:1\/a' is an address/,
  });
});
