/**
 * How the two sides prove to each other that they know a token, which itself never travels.
 *
 *     server ── hello {nonce} ─────────────► client
 *     server ◄── login {nonce, proof} ────── client
 *     server ── welcome {proof} ───────────► client
 *
 * A proof is an HMAC over the keying material of this very TLS session and both nonces: in the middle,
 * or in another session, it is worth nothing. Over plain TCP there is no such material: it is empty.
 */
import {Buffer} from 'node:buffer';
import {createHmac, timingSafeEqual} from 'node:crypto';
import * as z from 'zod';
import {encodeFrame, frameKinds} from './frame.ts';
import type {Schema} from './messages.ts';

/** The ciphers of TLS 1.3, the one that costs the least first: AES with 128 bits. */
export const ciphersOfTls13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
];
/** The label and the bytes of the keying material that both sides take from a session of TLS. */
export const exporterLabel = 'EXPORTER-jangada-login';
export const exporterSize = 32;
/** Bytes of a nonce. */
export const nonceSize = 32;
/** Bytes of the payload of a `login` frame, at most: a client without a proof has no larger one. */
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

/** What a proof is about: one login on one connection. */
export type LoginTerms = {
  /** Keying material of the TLS session; empty without TLS. */
  exporter: Buffer;
  serverNonce: Buffer;
  clientNonce: Buffer;
};

/** The proof of one side that it knows `token`, 32 bytes. */
export function proofOf(side: 'client' | 'server', token: string, terms: LoginTerms): Buffer {
  return createHmac('sha256', token)
    .update(`jangada ${side}`)
    .update(terms.exporter)
    .update(terms.serverNonce)
    .update(terms.clientNonce)
    .digest();
}

/** Whether two proofs are equal, in a time that says nothing about them. */
export function isSameProof(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
