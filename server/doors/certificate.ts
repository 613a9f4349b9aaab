/**
 * Makes a key and a self-signed certificate. Clients identify a server by the SHA-256 of its certificate, so its fields
 * have no meaning; it is the smallest certificate that RFC 5280 allows. This file writes it in DER, a tree of values
 * with type and length, because Node cannot make certificates.
 */
import {Buffer} from 'node:buffer';
import {generateKeyPairSync, randomBytes, sign} from 'node:crypto';

/** Both in PEM. */
export type KeyAndCertificate = {key: string; certificate: string};

/** A new key on the curve P-256, and its certificate, which never expires. */
export function makeCertificate(): KeyAndCertificate {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
  const name = sequence(set(sequence(objectId('550403'), utf8('jangada-server'))));
  const content = sequence(
    serialNumber(),
    ecdsaWithSha256,
    name,
    // The end date that means "never": RFC 5280, 4.1.2.5.
    sequence(utcTime('700101000000Z'), generalizedTime('99991231235959Z')),
    name,
    publicKey.export({type: 'spki', format: 'der'}),
  );
  const signature = sign('sha256', content, {key: privateKey, dsaEncoding: 'der'});
  const certificate = sequence(content, ecdsaWithSha256, bitString(signature));
  return {
    key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
    certificate: pem(certificate),
  };
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function value(type: number, ...content: Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  const {length} = bytes;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), bytes]);
}

function sequence(...content: Uint8Array[]): Buffer {
  return value(0x30, ...content);
}

function set(...content: Uint8Array[]): Buffer {
  return value(0x31, ...content);
}

function objectId(hex: string): Buffer {
  return value(0x06, Buffer.from(hex, 'hex'));
}

function utf8(text: string): Buffer {
  return value(0x0c, Buffer.from(text));
}

function utcTime(text: string): Buffer {
  return value(0x17, Buffer.from(text));
}

function generalizedTime(text: string): Buffer {
  return value(0x18, Buffer.from(text));
}

/** The first byte says how many bits of the last byte are unused. */
function bitString(bytes: Buffer): Buffer {
  return value(0x03, Buffer.from([0]), bytes);
}

/** 127 random bits; positive, and without a leading zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return value(0x02, bytes);
}
