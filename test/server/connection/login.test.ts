/** When a proof is judged, by a clock of the test. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {JangadaError} from '../../../protocol/errors.ts';
import {encodeLogin, proofOf} from '../../../protocol/login.ts';
import {Login} from '../../../server/connection/login.ts';
import {WrongProofs} from '../../../server/doors/wrong-proofs.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';

const clientNonce = Buffer.alloc(32, 7);

/** Logins of one address, which each take the guess of a token. */
function startLogins(t: TestContext) {
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({apis: ['setTimeout']});
  const {tokens} = testDoor(t, {tls: false});
  assert.ok(tokens !== undefined);
  const store = new MemoryStore();
  const inUse = new Set<string>();
  const ready: {promise: Promise<void> | undefined} = {promise: undefined};
  const wrongProofs = new WrongProofs();
  const logged: {count: number; delayMs: number}[] = [];
  const answers: string[] = [];
  const guess = (name: string, guessed: string) => {
    const folders = {
      ready: () => ready.promise,
      storeFor() {
        inUse.add(name);
        return {store, leave: () => inUse.delete(name)};
      },
    };
    const login = new Login(
      {tokens, wrongProofs, folders},
      {socket: new Socket(), peer: '10.0.0.1'},
      {wrongToken: fields => logged.push(fields)},
    );
    const terms = {exporter: Buffer.alloc(0), serverNonce: login.nonce, clientNonce};
    const frame = encodeLogin({nonce: clientNonce, proof: proofOf('client', guessed, terms)});
    login.prove(frame.subarray(8), {
      welcome: () => answers.push(`${name}: welcome`),
      refuse: error => answers.push(`${name}: ${(error as {code: string}).code}`),
    });
    return login;
  };
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
    return answers.splice(0);
  };
  return {answers, guess, inUse, logged, pass, ready, wrongProofs};
}

test('after a wrong proof of its address a right one is judged late, too, so that nobody gains by not waiting', t => {
  const {guess, logged, pass} = startLogins(t);
  guess('first', 'wrong');
  assert.deepEqual(pass(0), ['first: unauthorized']);
  const right = guess('right', goodToken);
  assert.deepEqual(pass(249), []);
  assert.deepEqual(pass(1), ['right: welcome']);
  assert.equal(right.token?.token, goodToken);
  assert.deepEqual(logged, [{count: 1, delayMs: 250}]);
});

test('each proof of an address waits once, whatever other proofs of it turn out to be meanwhile', t => {
  const {guess, logged, pass} = startLogins(t);
  for (const name of ['a', 'b', 'c']) {
    guess(name, 'wrong');
  }

  guess('right', goodToken);
  assert.deepEqual(pass(0), ['a: unauthorized']);
  assert.deepEqual(pass(249), []);
  assert.deepEqual(pass(1), ['b: unauthorized', 'c: unauthorized', 'right: welcome']);
  assert.deepEqual(
    logged.map(({delayMs}) => delayMs),
    [250, 500, 1000],
  );
});

test('a right proof shortens the wait after no later wrong one', t => {
  const {guess, logged, pass} = startLogins(t);
  guess('wrong', 'wrong');
  guess('right', goodToken);
  pass(250);
  guess('again', 'wrong');
  assert.deepEqual(pass(0), ['again: unauthorized']);
  assert.deepEqual(logged.at(-1), {count: 2, delayMs: 500});
});

test('after many wrong proofs of its address a proof waits for 8 s, less than its client', t => {
  const {guess, pass, wrongProofs} = startLogins(t);
  for (let count = 0; count < 60; count++) {
    wrongProofs.add('10.0.0.1');
  }

  guess('wrong', 'wrong');
  guess('right', goodToken);
  assert.deepEqual(pass(7999), []);
  assert.deepEqual(pass(1), ['wrong: unauthorized', 'right: welcome']);
});

test('a login that ends while it waits is not judged, and one that ends later gives its store back once', t => {
  const {guess, inUse, logged, pass, wrongProofs} = startLogins(t);
  wrongProofs.add('10.0.0.1');
  guess('gone', 'wrong').end();
  assert.deepEqual(pass(250), []);
  assert.deepEqual(logged, []);
  const right = guess('right', goodToken);
  assert.deepEqual([...inUse], ['right']);
  right.end();
  assert.equal(inUse.size, 0);
  right.end();
});

test('a right proof is answered once the disk of the folder is ready; a client that has left by then gets no store', async t => {
  const {answers, guess, inUse, ready} = startLogins(t);
  const disk = Promise.withResolvers<void>();
  ready.promise = disk.promise;
  guess('right', goodToken);
  guess('gone', goodToken).end();
  await turn();
  assert.deepEqual([answers, inUse.size], [[], 0]);
  disk.resolve();
  await turn();
  assert.deepEqual([answers, [...inUse]], [['right: welcome'], ['right']]);
});

test('a login fails if the disk of the folder fails, unless the client has left', async t => {
  const {answers, guess, ready} = startLogins(t);
  ready.promise = Promise.reject(new JangadaError('busy', 'x'));
  guess('right', goodToken);
  guess('gone', goodToken).end();
  await turn();
  assert.deepEqual(answers, ['right: busy']);
});
