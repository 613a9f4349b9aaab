/** The vectors of `docs/protocol-vectors.json`, for the tests. */
import {readFileSync} from 'node:fs';
import {z} from 'zod';
import {wireErrorCodes} from '../../protocol/errors.ts';
import {helloSchema} from '../../protocol/hello.ts';
import {loginSchema, welcomeSchema} from '../../protocol/login.ts';
import {answerSchemas} from '../../protocol/messages.ts';
import {requestSchemas} from '../../protocol/requests/request-schemas.ts';
import {badMasksSchema, maskVectorsSchema, namesFirstSchema} from './masks/mask-vectors.ts';

const {
  digests: digestsRequest,
  files: filesRequest,
  roots: rootsRequest,
  ...otherRequests
} = requestSchemas;
/** The schema of the JSON of each kind of frame, by its name. */
export const schemas = {
  ...otherRequests,
  digestsRequest,
  filesRequest,
  rootsRequest,
  ...answerSchemas,
  hello: helloSchema,
  login: loginSchema,
  welcome: welcomeSchema,
};

const messageKinds = Object.keys(schemas) as ReadonlyArray<keyof typeof schemas>; // All keys of `schemas`.
const kind = z.enum(messageKinds);
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const wirePath = z.union([z.string(), z.object({base64: z.string()})]);
const digestsOfContent = z.object({digests: z.array(hex), root: hex});
const vectorsSchema = z.strictObject({
  about: z.string(),
  preface: hex,
  readiness: z.strictObject({
    question: hex,
    answers: z.strictObject({ready: hex, draining: hex, unreadable: hex}),
  }),
  frames: z.array(
    z.object({name: z.string(), kind, hex, message: z.record(z.string(), z.unknown())}),
  ),
  digestFrames: z.array(
    z.object({name: z.string(), kind: z.literal('digests'), hex, digests: z.array(hex)}),
  ),
  filesFrames: z.array(
    z.object({
      name: z.string(),
      kind: z.literal('files'),
      hex,
      files: z.array(
        z.union([
          z.strictObject({
            size: z.int(),
            mtimeMs: z.number(),
            version: z.string(),
            digest: hex,
            bytes: hex,
          }),
          z.strictObject({code: z.enum(wireErrorCodes), message: z.string()}),
        ]),
      ),
    }),
  ),
  rootFrames: z.array(
    z.object({
      ...{name: z.string(), kind: z.literal('roots'), hex},
      records: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
  blockHeader: z.object({
    name: z.string(),
    offset: z.int(),
    length: z.int(),
    digest: hex,
    hex,
  }),
  blocks: z.array(z.object({name: z.string(), hex, offset: z.int(), digest: hex, bytes: hex})),
  paths: z.array(z.object({name: z.string(), bytes: hex, wire: wirePath})),
  compressedBlocks: z.array(
    z.object({name: z.string(), hex, offset: z.int(), length: z.int(), digest: hex}),
  ),
  badCompressedBlocks: z.object({
    expect: z.string(),
    blocks: z.array(z.object({name: z.string(), hex})),
  }),
  logins: z.array(
    z.object({
      name: z.string(),
      token: z.string(),
      exporter: hex,
      serverNonce: hex,
      clientNonce: hex,
      client: hex,
      server: hex,
    }),
  ),
  pattern: z.literal('byte i of the content is i mod 251'),
  contents: z.array(z.object({size: z.int(), sha256: digestsOfContent, blake3: digestsOfContent})),
  badFrames: z.object({
    expect: z.string(),
    frames: z.array(z.object({name: z.string(), hex})),
  }),
  badPayloads: z.object({
    expect: z.string(),
    frames: z.array(z.object({name: z.string(), kind, hex})),
  }),
  badFilesFrames: z.object({
    expect: z.string(),
    frames: z.array(z.object({name: z.string(), hex})),
  }),
  badRootFrames: z.object({
    expect: z.string(),
    frames: z.array(z.object({name: z.string(), kind: z.literal('roots'), hex})),
  }),
  masks: maskVectorsSchema,
  badMasks: badMasksSchema,
  namesFirst: namesFirstSchema,
});

const file = new URL('../../docs/protocol-vectors.json', import.meta.url);
export const vectors = vectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
