/** The greeting of a server: its version, its abilities and its limits. */
import type {Buffer} from 'node:buffer';
import * as z from 'zod';
import {type DigestAlgorithm, digestAlgorithms} from './block.ts';
import {JangadaError} from './errors.ts';
import {encodeFrame, frameKinds} from './frame.ts';
import {nonceSchema} from './login.ts';
import {decodePayload, type Schema} from './messages.ts';

export const protocolVersion = 1;

/** Requests that every server takes behind the preface, before it has said its limits. */
export const pipelinedBeforeHello = 4;

/** Abilities of a server beyond the rest of the protocol; `hello` says which it has. */
export const features = [
  /** `find` takes `folders`. */
  'find-folders',
  /** There is a request `files`. */
  'files',
  /** `get` takes `clip`. */
  'clipped-ranges',
  /** `get` takes `compress`, with `zstd`. */
  'zstd',
  /** There is a request `roots`. */
  'roots',
] as const;
export type Feature = (typeof features)[number];

export type Hello = {
  /** The protocol's version. */
  protocol: typeof protocolVersion;
  /** Program and version, for people. */
  server: string;
  /** Algorithms of block digests that the server can compute. `sha256` is always there. */
  algorithms: DigestAlgorithm[];
  /** Optional abilities of the server, as far as this side knows them. */
  features: Feature[];
  /** Whether requests are refused until the client has proved that it knows a token. */
  token: boolean;
  /** For that proof, 32 bytes; older servers have none. */
  nonce?: Buffer | undefined;
  limits: {
    /** Requests sent ahead of their answers. A server refuses by itself what is over the other limits. */
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

/** As much of a greeting as those of every version have. */
const anyVersion: Schema<{protocol: number}> = z.object({protocol: z.int()});

/**
 * The payload of a `hello` frame, checked.
 *
 * @throws JangadaError `unsupported` for another version of the protocol; `protocol` for what is no
 * greeting.
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
  /** Bytes of the payload of a request. */
  payload: number;
  /** Ranges in one `get`. */
  ranges: number;
  /** Masks in one `find`, and characters in one of them. */
  masks: number;
  maskLength: number;
};

/** A server may be newer than this side, and name features that this side does not know. */
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
