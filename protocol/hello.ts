/** The greeting of a server: its version, its abilities and its limits. */
import type {Buffer} from 'node:buffer';
import * as z from 'zod';
import {type DigestAlgorithm, digestAlgorithms} from './block.ts';
import {JangadaError} from './errors.ts';
import {encodeFrame, frameKinds} from './frame.ts';
import {nonceSchema} from './login.ts';
import {decodePayload, type Schema} from './messages.ts';

export const protocolVersion = 1;

/** How many requests every server accepts after the preface, before it has announced its limits. */
export const pipelinedBeforeHello = 4;

/** Longest payload of such a request, in bytes. */
export const maxEarlyPayload = 32_768;

/** Optional abilities of a server; `hello` names those that it has. */
export const features = [
  /** `find` accepts `folders`. */
  'find-folders',
  /** The server knows the request `files`. */
  'files',
  /** `get` accepts `clip`. */
  'clipped-ranges',
  /** `get` accepts `compress`, with `zstd`. */
  'zstd',
  /** The server knows the request `roots`. */
  'roots',
] as const;
export type Feature = (typeof features)[number];

export type Hello = {
  /** The protocol's version. */
  protocol: typeof protocolVersion;
  /** Program and version, for people. */
  server: string;
  /** Algorithms of block digests that the server can compute; always includes `sha256`. */
  algorithms: DigestAlgorithm[];
  /** The optional abilities of the server that this side knows. */
  features: Feature[];
  /** Whether the server refuses requests until the client has proved that it knows a token. */
  token: boolean;
  /** 32 bytes for that proof; older servers send none. */
  nonce?: Buffer | undefined;
  limits: {
    /** The most requests that a client may send ahead of answers. The server itself enforces the other limits. */
    pipelined: number;
  };
};

export const helloSchema: Schema<Hello> = z.object({
  protocol: z.literal(protocolVersion),
  server: z.string().max(200),
  algorithms: z
    .array(z.string())
    .max(32)
    .transform(names => digestAlgorithms.filter(algorithm => names.includes(algorithm))),
  features: z
    .array(z.string())
    .max(64)
    .default([])
    .transform(names => features.filter(feature => names.includes(feature))),
  token: z.boolean(),
  nonce: nonceSchema.optional(),
  limits: z.object({
    pipelined: z.int().min(1),
  }),
});

/** The part of a greeting that is the same in every version. */
const anyVersion: Schema<{protocol: number}> = z.object({protocol: z.int()});

/**
 * Decode and check the payload of a `hello` frame.
 *
 * @throws JangadaError `unsupported` for another version of the protocol; `protocol` for an invalid greeting.
 */
export function decodeHello(payload: Buffer): Hello {
  const {protocol} = decodePayload(anyVersion, payload, 'protocol');
  if (protocol !== protocolVersion) {
    throw new JangadaError(
      'unsupported',
      `The server speaks version ${protocol} of the protocol, and this program version ${protocolVersion}: update the older of the two`,
    );
  }

  return decodePayload(helloSchema, payload, 'protocol');
}

/** The limits that a server announces. */
type AnnouncedLimits = Hello['limits'] & {
  /** The most bytes of a request payload. */
  payload: number;
  /** The most ranges in one `get`. */
  ranges: number;
  /** The most masks in one `find`, and the most characters in one of them. */
  masks: number;
  maskLength: number;
};

/** A newer server may name features that this side does not know. */
type SentHello = Omit<Hello, 'algorithms' | 'features' | 'limits' | 'nonce'> & {
  /** In base64. */
  nonce?: string | undefined;
  algorithms: string[];
  features?: string[] | undefined;
  limits: AnnouncedLimits;
};

/** A whole `hello` frame. */
export function encodeHello(hello: SentHello): Buffer {
  return encodeFrame(frameKinds.hello, JSON.stringify(hello));
}
