/**
 * The messages in the JSON payloads: of each the type, and of answers the schema that checks it on arrival; those of
 * requests are in `requests/request-schemas.ts`. The types are written out, so that users of the library need no types of Zod; the
 * compiler sees to it that a schema gives its type. Unknown fields are dropped. A path or a name is
 * a string where it is valid UTF-8 and `{"base64": …}` of its bytes where it is not; schemas turn
 * both into the one string of `remote-path.ts`, and check it.
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

/** At most so many masks in one `find`, and so many characters in one of them. */
export const maxMasks = 64;
export const maxMaskLength = 4096;

/** At most so many ranges in one `get`. */
export const maxRanges = 1024;

/** Ways in which a block may travel compressed. */
export const compressionNames = ['zstd'] as const;
export type Compression = (typeof compressionNames)[number];

/** A `get` names at most so many of them, those that this side does not know among them. */
export const maxCompressions = 16;

/** A `find` or `list` frame carries at most so many entries. */
export const maxEntries = 1000;

/** One `files` request asks for at most so many files, of at most so many bytes each. */
export const maxFiles = 1000;
export const maxPackedFile = 65_536;
/** One `roots` request asks about at most so many files. */
export const maxRoots = 1000;

/** The `end` of a `find` names at most so many places that were not searched. */
export const maxUnsearched = 100;

/** A client sends at most so many requests ahead of their answers. */
export const maxPipelined = 128;

/** Checks a payload that was parsed. */
export type Schema<Message> = {
  safeParse(value: unknown): {success: true; data: Message} | {success: false; error: SchemaError};
};

type SchemaError = {issues: readonly SchemaIssue[]};

const hex = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

const entryTypes = ['file', 'folder', 'other'] as const;
export type EntryType = (typeof entryTypes)[number];

export type Entry = {
  /** `list`, `stat`: the name. `find`: the path under the folder that was searched. */
  name: string;
  /** `other`: a FIFO, a socket or a device, that cannot be fetched. */
  type: EntryType;
  /** Bytes; 0 unless it is a file. */
  size: number;
  /** Milliseconds since 1970, negative before; with a fraction, to the microsecond. */
  mtimeMs: number;
};

const entrySchema = z.object({
  /** Checked as a path one by one by the side that asked, so that one bad name costs one entry. */
  name: wirePath.transform(pathFromWire),
  type: z.enum(entryTypes),
  size: count,
  mtimeMs: z.number(),
});

const anyEntries = z.object({entries: z.array(entrySchema).max(maxEntries)});

/** The places that a search could not look at, though its masks lead there. */
export type Unsearched = {
  /** Places in all. */
  count: number;
  /** The first of them: paths under the folder that was searched, which itself is `''`. */
  first: {name: string; code: WireErrorCode}[];
};

/** Requests as a caller writes them; paths travel as they have to. */
export type Requests = {
  list: {path: string};
  stat: {path: string};
  find: {
    /** Globs over paths under `path`; one that begins with `!` excludes. */
    masks: string[];
    path: string;
    /** Whether folders that match are entries too; only for a server with `find-folders`. */
    folders?: boolean | undefined;
  };
  digests: {
    path: string;
    /** First block, and the one behind the last; without it, to the end of the file. */
    from?: number | undefined;
    to?: number | undefined;
    algorithm?: DigestAlgorithm | undefined;
    version?: string | undefined;
  };
  get: {
    path: string;
    version?: string | undefined;
    /** `[offset, length]` in bytes, whole blocks, ascending; without it, the whole file. */
    ranges?: [offset: number, length: number][] | undefined;
    /**
     * Whether ranges end where the file does, in place of being refused: a feature of servers with `clipped-ranges`; an
     * older server ignores it, and refuses ranges past the end.
     */
    clip?: boolean | undefined;
    algorithm?: DigestAlgorithm | undefined;
    /** How blocks may travel compressed. Default: not; servers without `zstd` do not see it. */
    compress?: Compression[] | undefined;
  };
  /** Whole small files, many at once; only for a server with `files`. */
  files: {
    /** Each with its size as far as it is known here: of another size it is not sent. */
    files: (readonly [path: string, size: number])[];
    algorithm?: DigestAlgorithm | undefined;
  };
  /** States of files, and root digests; only for a server with `roots`. */
  roots: {
    /** With a size: the root digest, too, if the file has that many bytes. */
    files: RootQuestion[];
    algorithm?: DigestAlgorithm | undefined;
  };
  hash: {
    path: string;
    /** Bytes from the front; without it, all. */
    length?: number | undefined;
    algorithm?: HashAlgorithm | undefined;
  };
  ping: Record<never, never>;
};

/** A file that is asked about; see `roots`. */
export type RootQuestion = readonly [path: string, size?: number | undefined];

export type RequestName = keyof Requests;

/** Fields for which the schema of a request has a default. */
type Defaulted = 'folders' | 'from' | 'clip' | 'algorithm';

/** Requests as the server acts on them: checked, with defaults filled in. */
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
    /** Bytes that were hashed. */
    length: number;
    /** The file's size and version at that moment. */
    size: number;
    version: string;
  };
  pong: Record<never, never>;
  /** The fields that belong to the request: see docs/protocol.md. */
  end: {
    count?: number | undefined;
    bytes?: number | undefined;
    size?: number | undefined;
    mtimeMs?: number | undefined;
    version?: string | undefined;
    root?: string | undefined;
    unsearched?: Unsearched | undefined;
  };
  /** `leaving`: the server stops, and what it was asked for and has not answered is for another connection. */
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

/** A whole request frame. Paths are given as `RemotePath`s and travel as they have to. */
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
 * A payload, checked.
 *
 * @throws JangadaError with `code` for bytes that are not JSON, nested deeper than any message
 * is, or not of that schema.
 */
export function decodePayload<Message>(
  schema: Schema<Message>,
  payload: Buffer,
  code: 'bad_request' | 'protocol',
): Message {
  // Bytes that are not UTF-8 would otherwise become other names than were sent.
  if (!isUtf8(payload)) {
    throw new JangadaError(code, 'The payload is not UTF-8');
  }

  let value: unknown;
  try {
    value = parseJson(payload.toString('utf8'));
  } catch (error) {
    throw new JangadaError(code, 'The payload is not JSON that can be read', {
      cause: error,
    });
  }

  const result = schema.safeParse(value);
  if (!result.success) {
    const what = code === 'bad_request' ? 'This request' : 'What the server sent';
    throw new JangadaError(code, schemaFault(what, result.error.issues));
  }

  return result.data;
}
