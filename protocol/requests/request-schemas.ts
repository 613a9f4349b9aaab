/**
 * The schemas that check received requests. Only the server imports them: creating them takes milliseconds, which the
 * client would waste.
 */
import * as z from 'zod';
import {digestAlgorithms, hashAlgorithms} from '../block.ts';
import {
  type CheckedRequests,
  compressionNames,
  maxCompressions,
  maxFiles,
  maxPackedFile,
  maxRoots,
  type RequestName,
  type Schema,
} from '../messages.ts';
import {parseRemotePath, pathFromWire, type RemotePath} from '../remote-path.ts';
import {count, version, wirePath} from './fields.ts';

const path = wirePath.transform((value, context): RemotePath => {
  try {
    return parseRemotePath(pathFromWire(value));
  } catch (error) {
    context.issues.push({
      code: 'custom',
      message: error instanceof Error ? error.message : 'not a path',
      input: value,
    });
    return z.NEVER;
  }
});
const digestAlgorithm = z.enum(digestAlgorithms);
const compressions = z
  .array(z.string())
  .max(maxCompressions)
  .transform(names => compressionNames.filter(name => names.includes(name)));
type RequestSchemas = {readonly [Name in RequestName]: Schema<CheckedRequests[Name]>};

export const requestSchemas: RequestSchemas = {
  list: z.object({path}),
  stat: z.object({path}),
  find: z.object({
    masks: z.array(z.string()).min(1),
    path,
    folders: z.boolean().default(false),
  }),
  digests: z.object({
    path,
    from: count.default(0),
    to: count.optional(),
    algorithm: digestAlgorithm.default('sha256'),
    version: version.optional(),
  }),
  get: z.object({
    path,
    version: version.optional(),
    ranges: z.array(z.tuple([count, z.int().min(1)])).optional(),
    clip: z.boolean().default(false),
    progress: z.boolean().optional(),
    algorithm: digestAlgorithm.default('sha256'),
    compress: compressions.optional(),
  }),
  files: z.object({
    files: z
      .array(z.tuple([path, count.max(maxPackedFile)]))
      .min(1)
      .max(maxFiles),
    algorithm: digestAlgorithm.default('sha256'),
  }),
  roots: z.object({
    files: z
      .array(z.tuple([path, count.optional()]))
      .min(1)
      .max(maxRoots),
    algorithm: digestAlgorithm.default('sha256'),
  }),
  hash: z.object({
    path,
    length: count.optional(),
    algorithm: z.enum(hashAlgorithms).default('sha256'),
  }),
  ping: z.object({}),
};
