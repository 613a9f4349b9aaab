/**
 * How the two sides prove to each other that they know a token. The token itself is never sent.
 *
 *     server ── hello {nonce} ─────────────► client
 *     server ◄── login {nonce, proof} ────── client
 *     server ── welcome {proof} ───────────► client
 *
 * A proof is an HMAC over the keying material of this TLS session and both nonces, so it is useless to a man in the middle
 * and in another session. Over plain TCP the keying material is empty.
 */
import {Buffer} from 'node:buffer';
import {createHmac, timingSafeEqual} from 'node:crypto';
import * as z from 'zod';
import {encodeFrame, frameKinds} from './frame.ts';
import type {Schema} from './messages.ts';

/** The ciphers of TLS 1.3, the cheapest first: AES with 128 bits. */
export const ciphersOfTls13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
];
/** The label and the length of the keying material that both sides export from a TLS session. */
export const exporterLabel = 'EXPORTER-jangada-login';
export const exporterSize = 32;
/** Bytes of a nonce. */
export const nonceSize = 32;
/** The most bytes in the payload of a `login` frame: a client that has not logged in gets no more memory. */
export const maxLoginPayload = 1024;

export type Login = {nonce: Buffer; proof: Buffer};
export type Welcome = {proof: Buffer};

/** 32 bytes in base64. */
const secretBytes = z
  .base64()
  .length(44)
  .transform(text => Buffer.from(text, 'base64'));
export const nonceSchema = secretBytes;
export const loginSchema: Schema<Login> = z.object({nonce: secretBytes, proof: secretBytes});
export const welcomeSchema: Schema<Welcome> = z.object({proof: secretBytes});

/** A whole `login` frame. */
export function encodeLogin({nonce, proof}: Login): Buffer {
  const body = {nonce: nonce.toString('base64'), proof: proof.toString('base64')};
  return encodeFrame(frameKinds.login, JSON.stringify(body));
}

/** A whole `welcome` frame. */
export function encodeWelcome({proof}: Welcome): Buffer {
  return encodeFrame(frameKinds.welcome, JSON.stringify({proof: proof.toString('base64')}));
}

/** The values that a proof covers: one login on one connection. */
export type LoginTerms = {
  /** Keying material of the TLS session; empty without TLS. */
  exporter: Buffer;
  serverNonce: Buffer;
  clientNonce: Buffer;
};

/** One side's proof that it knows `token`, 32 bytes. */
export function proofOf(side: 'client' | 'server', token: string, terms: LoginTerms): Buffer {
  return createHmac('sha256', token)
    .update(`jangada ${side}`)
    .update(terms.exporter)
    .update(terms.serverNonce)
    .update(terms.clientNonce)
    .digest();
}

/** Whether two proofs are equal; takes the same time for all proofs. */
export function isSameProof(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
