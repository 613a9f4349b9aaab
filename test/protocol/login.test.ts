import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {isSameProof, loginSchema, welcomeSchema} from '../../protocol/login.ts';
import {decodePayload} from '../../protocol/messages.ts';

test('proofs are the same if all of their bytes are, and others of another length are not', () => {
  const proof = Buffer.alloc(32, 1);
  const other = Buffer.from(proof);
  assert.equal(isSameProof(proof, other), true);
  other[31] = 2;
  assert.equal(isSameProof(proof, other), false);
  assert.equal(isSameProof(proof, Buffer.alloc(33, 1)), false);
  assert.equal(isSameProof(proof, Buffer.alloc(0)), false);
});

test('nonces and proofs have the length of 32 bytes in base64', () => {
  const [right, short, long] = [32, 24, 48].map(length =>
    Buffer.alloc(length, 9).toString('base64'),
  );
  const login = (body: object) =>
    decodePayload(loginSchema, Buffer.from(JSON.stringify(body)), 'bad_request');
  assert.deepEqual(login({nonce: right, proof: right}), {
    nonce: Buffer.alloc(32, 9),
    proof: Buffer.alloc(32, 9),
  });
  for (const body of [
    {nonce: short, proof: right},
    {nonce: right, proof: short},
    {nonce: long, proof: right},
    {nonce: right, proof: long},
    {nonce: right},
    {nonce: right, proof: '!'.repeat(44)},
  ]) {
    assert.throws(() => login(body), {code: 'bad_request'}, JSON.stringify(body));
  }

  assert.throws(
    () => decodePayload(welcomeSchema, Buffer.from(JSON.stringify({proof: short})), 'protocol'),
    {code: 'protocol'},
  );
});
