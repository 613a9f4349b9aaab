/**
 * The types of the messages in JSON payloads, and the schemas that check received answers; the schemas of requests are in
 * `requests/request-schemas.ts`. The types are written out, so that users of the library need no Zod types; the compiler
 * checks that each schema gives its type. Unknown fields are dropped. A path or a name is a string if it is valid UTF-8,
 * and otherwise `{"base64": …}` with its bytes; schemas convert both to the string of `remote-path.ts`, and check it.
 */
import {isUtf8} from 'node:buffer';
import * as z from 'zod';
import {plainEntries} from './batches/plain-entries.ts';
import type {DigestAlgorithm, HashAlgorithm} from './block.ts';
import {JangadaError, type WireErrorCode, wireErrorCodes} from './errors.ts';
import {encodeFrame, type FrameKind, frameKinds} from './frame.ts';
import {parseJson} from './parse-json.ts';
import {pathFromWire, pathToWire, type RemotePath, type WirePath} from './remote-path.ts';
import {count, version, wirePath} from './requests/fields.ts';
import {type SchemaIssue, schemaFault} from './schema-fault.ts';

/** The most masks in one `find`, and the most characters in one of them. */
export const maxMasks = 64;
export const maxMaskLength = 4096;

/** The most ranges in one `get`. */
export const maxRanges = 1024;

/** The compression methods for blocks. */
export const compressionNames = ['zstd'] as const;
export type Compression = (typeof compressionNames)[number];

/** The most methods in one `get`, including unknown ones. */
export const maxCompressions = 16;

/** The most entries in one `entries` frame. */
export const maxEntries = 1000;

/** The most files in one `files` request, and the most bytes of each. */
export const maxFiles = 1000;
export const maxPackedFile = 65_536;
/** The most files in one `roots` request. */
export const maxRoots = 1000;

/** The most unsearched places that the `end` of a `find` names. */
export const maxUnsearched = 100;

/** The most requests that a client sends ahead of their answers. */
export const maxPipelined = 128;

/** Checks a parsed payload. */
export type Schema<Message> = {
  safeParse(value: unknown): {success: true; data: Message} | {success: false; error: SchemaError};
};

type SchemaError = {issues: readonly SchemaIssue[]};

const hex = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

const entryTypes = ['file', 'folder', 'other'] as const;
export type EntryType = (typeof entryTypes)[number];

export type Entry = {
  /** `list`, `stat`: the name. `find`: the path under the searched folder. */
  name: string;
  /** `other`: a FIFO, a socket or a device, which a client cannot download. */
  type: EntryType;
  /** Bytes; 0 unless it is a file. */
  size: number;
  /** Milliseconds since 1970, negative before; with a fraction, to the microsecond. */
  mtimeMs: number;
};

const entrySchema = z.object({
  /** The client checks each name as a path later, so that one bad name costs only one entry. */
  name: wirePath.transform(pathFromWire),
  type: z.enum(entryTypes),
  size: count,
  mtimeMs: z.number(),
});

const anyEntries = z.object({entries: z.array(entrySchema).max(maxEntries)});

/** The places that a search could not read, although its masks lead there. */
export type Unsearched = {
  /** The number of places. */
  count: number;
  /** The first places: paths under the searched folder, which itself is `''`. */
  first: {name: string; code: WireErrorCode}[];
};

/** Requests as a caller writes them; encoding converts the paths. */
export type Requests = {
  list: {path: string};
  stat: {path: string};
  find: {
    /** Globs over paths under `path`; one that begins with `!` excludes. */
    masks: string[];
    path: string;
    /** Whether to find folders, too; only for a server with `find-folders`. */
    folders?: boolean | undefined;
  };
  digests: {
    path: string;
    /** The first block, and the block after the last one. Default: to the end of the file. */
    from?: number | undefined;
    to?: number | undefined;
    algorithm?: DigestAlgorithm | undefined;
    version?: string | undefined;
  };
  get: {
    path: string;
    version?: string | undefined;
    /** `[offset, length]` in bytes, whole blocks, ascending. Default: the whole file. */
    ranges?: [offset: number, length: number][] | undefined;
    /**
     * Whether to cut ranges at the end of the file instead of refusing them: for servers with `clipped-ranges`; an older server
     * ignores it, and refuses ranges that exceed the file.
     */
    clip?: boolean | undefined;
    algorithm?: DigestAlgorithm | undefined;
    /** How the server may compress blocks. Default: not at all. Not sent to servers without `zstd`. */
    compress?: Compression[] | undefined;
    /** Whether the server may send `progress` while a block arrives slowly from its store; an older server ignores it. */
    progress?: boolean | undefined;
  };
  /** Whole small files, many at once; only for a server with `files`. */
  files: {
    /** Each file with the size that the client expects: the server does not send a file of another size. */
    files: (readonly [path: string, size: number])[];
    algorithm?: DigestAlgorithm | undefined;
  };
  /** States of files, and root digests; only for a server with `roots`. */
  roots: {
    /** With a size, the answer has the root digest, too, if the file has that size. */
    files: RootQuestion[];
    algorithm?: DigestAlgorithm | undefined;
  };
  hash: {
    path: string;
    /** The number of bytes from the front. Default: all. */
    length?: number | undefined;
    algorithm?: HashAlgorithm | undefined;
  };
  ping: Record<never, never>;
};

/** A file of a `roots` request. */
export type RootQuestion = readonly [path: string, size?: number | undefined];

export type RequestName = keyof Requests;

/** Fields with a default in the schema of a request. */
type Defaulted = 'folders' | 'from' | 'clip' | 'algorithm';

/** Requests as the server uses them: checked, with defaults filled in. */
export type CheckedRequests = {
  [Name in RequestName]: {
    [Field in keyof Requests[Name]]: Field extends 'path'
      ? RemotePath
      : Field extends 'files'
        ? CheckedFile<Name>[]
        : Requests[Name][Field];
  } & {
    [Field in keyof Requests[Name] & Defaulted]-?: Exclude<Requests[Name][Field], undefined>;
  };
};

type CheckedFile<Name extends RequestName> = Name extends 'files'
  ? readonly [path: RemotePath, size: number]
  : readonly [path: RemotePath, size?: number | undefined];

export type Answers = {
  entries: {entries: Entry[]};
  entry: Entry & {version: string};
  file: {size: number; mtimeMs: number; version: string};
  progress: {done: number; total?: number | undefined};
  hashed: {
    digest: string;
    /** The number of hashed bytes. */
    length: number;
    /** The file's size and version at that moment. */
    size: number;
    version: string;
  };
  pong: Record<never, never>;
  /** The fields depend on the request: see docs/protocol.md. */
  end: {
    count?: number | undefined;
    bytes?: number | undefined;
    size?: number | undefined;
    mtimeMs?: number | undefined;
    version?: string | undefined;
    root?: string | undefined;
    unsearched?: Unsearched | undefined;
  };
  /** `leaving`: the server is stopping; the client must repeat unanswered requests over another connection. */
  error: {code: WireErrorCode; message: string; leaving?: boolean | undefined};
};

type AnswerName = keyof Answers;

type SentEntry = Omit<Entry, 'name'> & {name: WirePath};

/** Answers as a server writes them. */
type SentAnswers = Omit<Answers, 'entries' | 'entry' | 'end'> & {
  entries: {entries: SentEntry[]};
  entry: SentEntry & {version: string};
  end: Omit<Answers['end'], 'unsearched'> & {unsearched?: SentUnsearched | undefined};
};

type SentUnsearched = {count: number; first: {name: WirePath; code: WireErrorCode}[]};

const wireErrorCode = z.enum(wireErrorCodes).catch('internal');

const unsearchedSchema = z.object({
  count,
  first: z
    .array(z.object({name: wirePath.transform(pathFromWire), code: wireErrorCode}))
    .max(maxUnsearched),
});

export const answerSchemas: {readonly [Name in AnswerName]: Schema<Answers[Name]>} = {
  entries: {
    safeParse(value) {
      const data = plainEntries(value, entryTypes, maxEntries);
      return data === undefined ? anyEntries.safeParse(value) : {success: true, data};
    },
  },
  entry: entrySchema.extend({version}),
  file: z.object({size: count, mtimeMs: z.number(), version}),
  progress: z.object({done: count, total: count.optional()}),
  hashed: z.object({digest: hex, length: count, size: count, version}),
  pong: z.object({}),
  end: z.object({
    count: count.optional(),
    bytes: count.optional(),
    size: count.optional(),
    mtimeMs: z.number().optional(),
    version: version.optional(),
    root: hex.optional(),
    unsearched: unsearchedSchema.optional(),
  }),
  error: z.object({
    code: wireErrorCode,
    message: z.string().max(2000),
    leaving: z.boolean().optional(),
  }),
};

export const requestKinds: Readonly<Record<RequestName, FrameKind>> = {
  list: frameKinds.list,
  stat: frameKinds.stat,
  find: frameKinds.find,
  digests: frameKinds.digestsRequest,
  get: frameKinds.get,
  files: frameKinds.filesRequest,
  roots: frameKinds.rootsRequest,
  hash: frameKinds.hash,
  ping: frameKinds.ping,
};

/** A whole request frame. Converts each `RemotePath` to its form in JSON. */
export function encodeRequest<Name extends RequestName>(
  name: Name,
  request: Requests[Name],
): Buffer {
  return encodeFrame(requestKinds[name], JSON.stringify(wireNames(request)));
}

/** A whole answer frame. */
export function encodeAnswer<Name extends AnswerName>(
  name: Name,
  answer: SentAnswers[Name],
): Buffer {
  return encodeFrame(frameKinds[name], JSON.stringify(answer));
}

function wireNames(request: Requests[RequestName]): object {
  if ('path' in request) {
    return {...request, path: pathToWire(request.path)};
  }

  return 'files' in request
    ? {...request, files: request.files.map(([path, ...size]) => [pathToWire(path), ...size])}
    : request;
}

/**
 * Decode and check a payload.
 *
 * @throws JangadaError with `code` for bytes that are not JSON, are nested too deeply, or do not match the schema.
 */
export function decodePayload<Message>(
  schema: Schema<Message>,
  payload: Buffer,
  code: 'bad_request' | 'protocol',
): Message {
  // Otherwise bytes that are not UTF-8 would become other names than the peer sent.
  if (!isUtf8(payload)) {
    throw new JangadaError(code, 'The payload is not UTF-8');
  }

  let value: unknown;
  try {
    value = parseJson(payload.toString('utf8'));
  } catch (error) {
    throw new JangadaError(code, 'The payload is not valid JSON', {
      cause: error,
    });
  }

  const result = schema.safeParse(value);
  if (!result.success) {
    const what = code === 'bad_request' ? 'This request' : 'The message of the server';
    throw new JangadaError(code, schemaFault(what, result.error.issues));
  }

  return result.data;
}
