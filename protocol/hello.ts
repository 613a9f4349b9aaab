/** The greeting of a server: its version, its abilities and its limits. */
import type {Buffer} from 'node:buffer';
import * as z from 'zod';
import {digestAlgorithms} from './block.ts';
import {encodeFrame, frameKinds} from './frame.ts';

export const protocolVersion = 1;

/** Abilities beyond the rest of the protocol; `hello` names those of the server. */
export const features = [
  /** `find` takes `folders`. */
  'find-folders',
] as const;
export type Feature = (typeof features)[number];

export const helloSchema = z.object({
  /** The protocol's version. */
  protocol: z.literal(protocolVersion),
  /** Program and version, for people. */
  server: z.string().max(200),
  /** Algorithms of block digests that the server can compute. `sha256` is always there. */
  algorithms: z
    .array(z.string())
    .max(32)
    .transform(names => digestAlgorithms.filter(algorithm => names.includes(algorithm))),
  /** Features of the server that this side knows. */
  features: z
    .array(z.string())
    .max(64)
    .default([])
    .transform(names => features.filter(feature => names.includes(feature))),
  /** Whether requests are refused until a token was given. */
  token: z.boolean(),
  limits: z.object({
    /** Requests sent ahead of their answers. A server refuses requests over the other limits by itself. */
    pipelined: z.int().min(1),
  }),
});
export type Hello = z.infer<typeof helloSchema>;

/** The limits that a server announces. */
export type AnnouncedLimits = Hello['limits'] & {
  /** Bytes of the payload of a request. */
  payload: number;
  /** Ranges in one `get`. */
  ranges: number;
  /** Masks in one `find`, and characters in one of them. */
  masks: number;
  maskLength: number;
};

/** A whole `hello` frame. */
export function encodeHello(
  hello: z.input<typeof helloSchema> & {limits: AnnouncedLimits},
): Buffer {
  return encodeFrame(frameKinds.hello, JSON.stringify(hello));
}
