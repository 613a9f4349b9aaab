/**
 * Many small files over one connection. One by one they would be lost in round trips, so requests
 * go far ahead; one promise an operation would cost more than the work, so files are written with
 * synchronous calls, a few at a time as their bytes come. Flushing waits for the disk: that is
 * done for a group together, on Node's own threads, and only then they get their names.
 *
 * Whatever is not plain (something has the name or the partial's name, the file has grown, the
 * server says `changed`) is left to `Download`.
 */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {closeSync, readSync} from 'node:fs';
import {join} from 'node:path';
import {type DigestAlgorithm, digestOf, digestSize, rootDigest} from '../../../protocol/block.ts';
import {Due} from '../../../protocol/due.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {type Answers, answerSchemas, decodePayload} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {BlockPool} from '../../client/block-pool.ts';
import type {Connection, Exchange} from '../../client/connection.ts';
import {isTransient} from '../../client/pool.ts';
import type {Ending} from '../blocks/ending.ts';
import {Pace} from '../blocks/pace.ts';
import {partialName} from '../disk/local-name.ts';
import {
  closeWholePartial,
  createWholePartial,
  giveFinalName,
  lookAt,
  openForReading,
  setTime,
} from '../disk/partial-file.ts';
import type {OpenFolder} from '../disk/target-folder.ts';
import type {Checker} from '../hashing/checker.ts';
import type {ConflictPolicy} from '../terms/conflict-policy.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import {localError} from '../terms/local-error.ts';

export type SmallFile = {
  remotePath: RemotePath;
  folder: OpenFolder;
  name: string;
  /** Bytes as announced, at most one block. */
  size: number;
  onConflict: ConflictPolicy;
  /** Whether it is still to be fetched. */
  wanted(): boolean;
  /** Told `progress`, and then one of `done`, `leave` and `failed`. */
  tell(event: DownloadEvent): void;
};

const requestsAhead = 64;
const filesPerFlush = 128;
/** Of the time to end in, what is kept for flushing and naming. */
const flushShare = 0.2;

export type SmallFileTools = {
  blocks: BlockPool;
  checker: Checker;
  algorithm: DigestAlgorithm;
  /** Whether to compute the SHA-256 of each. */
  checksums: boolean;
  /** Nothing more is asked for then; what has come is flushed and named. */
  ending: Ending;
};

type Written = {file: SmallFile; fd: number; sha256: string | undefined};

/**
 * Fetch `files` over `connection`. Every file is told how it ended, except those that were under
 * way when the connection was lost, or when this had to end.
 *
 * @throws JangadaError if the connection is lost or breaks the protocol.
 */
export async function fetchSmallFiles(
  connection: Connection,
  files: readonly SmallFile[],
  tools: SmallFileTools,
): Promise<void> {
  const group = new FlushGroup(tools.checker);
  const {ending} = tools;
  let forget: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = Math.min(requestsAhead, connection.hello.limits.pipelined);
      const pace = new Pace(connection.bytesPerSecond);
      let next = 0;
      let open = 0;
      const hasRoom = () => open < limit && (open < 2 || pace.outstanding < pace.bytesAhead);
      const ask = () => {
        while (hasRoom() && next < files.length && !ending.begun) {
          const file = files[next++];
          if (file?.wanted() && request(connection, file, tools, group, turn)) {
            open++;
            // Also if it is only compared, which takes no longer than if it came.
            pace.asked(file.size);
          }
        }

        if (open === 0) {
          resolve();
        }
      };
      // The answers to come cannot be called off but with the connection.
      const stop = () => {
        resolve();
        connection.close();
      };
      const settle = (size: number) => {
        open--;
        pace.came(size);
        ask();
        if (open > 0 && pace.leftMs > ending.leftMs * (1 - flushShare)) {
          stop();
        }
      };
      forget = ending.onBegin(() => {
        group.startFlush();
        timer = setTimeout(stop, ending.leftMs * (1 - flushShare));
      });
      const turn: Turn = {due: new Due(tellEveryMs), settle, reject};
      ask();
    });
  } finally {
    forget?.();
    clearTimeout(timer);
    await group.flush();
  }
}

type Turn = {
  /** When to tell of bytes that are not verified yet. */
  due: Due;
  settle(size: number): void;
  reject(error: JangadaError): void;
};

const tellEveryMs = 100;

/** @returns whether a request was sent. */
function request(
  connection: Connection,
  file: SmallFile,
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): boolean {
  const {algorithm} = tools;
  const path = file.remotePath;
  try {
    const final = lookAt(file.folder, file.name);
    const noPartial = lookAt(file.folder, partialName(file.name)).kind === 'nothing';
    if (final.kind === 'nothing' && noPartial) {
      // No range for an empty one: should it have grown, nothing of it comes.
      const ranges: Array<[number, number]> = file.size === 0 ? [] : [[0, file.size]];
      const exchange = receive(connection, file, tools, group, turn);
      connection.request('get', {path, algorithm, ranges}, exchange);
      return true;
    }

    const sameSize = final.kind === 'file' && final.stats.size === file.size;
    if (file.onConflict === 'resume' && sameSize && noPartial) {
      const local = hashLocal(file, tools);
      connection.request('digests', {path, algorithm}, compare(file, local, turn));
      return true;
    }

    file.tell({type: 'leave'});
  } catch (error) {
    fail(file, error);
  }

  return false;
}

function fail(file: SmallFile, error: unknown): void {
  file.tell({type: 'failed', error: localError(error, join(file.folder.path, file.name))});
}

function tellDone(file: SmallFile, reusedBytes: number, sha256: string | undefined): void {
  tellProgress(file, file.size, file.size, reusedBytes);
  file.tell({type: 'done', outcome: 'verified', sha256});
}

function tellProgress(
  file: SmallFile,
  receivedBytes: number,
  verifiedBytes = 0,
  reusedBytes = 0,
): void {
  file.tell({type: 'progress', receivedBytes, verifiedBytes, reusedBytes, copiedBytes: 0});
}

/** An error frame ends one file, anything else the connection. */
function failExchange(file: SmallFile, turn: Turn, error: JangadaError): void {
  if (isTransient(error) || ['aborted', 'protocol', 'digest_mismatch'].includes(error.code)) {
    turn.reject(error);
    return;
  }

  // Not the size that was announced: what it is now is found out the long way.
  if (error.code === 'bad_request' || error.code === 'changed') {
    file.tell({type: 'leave'});
  } else {
    fail(file, error);
  }

  turn.settle(file.size);
}

function receive(
  connection: Connection,
  file: SmallFile,
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): Exchange {
  let announced: Answers['file'] | undefined;
  let memory: Buffer | undefined;
  let withdraw: (() => void) | undefined;
  let digest: Buffer | undefined;
  let landedBytes = 0;
  let isTold = false;
  const giveBack = () => {
    withdraw?.();
    if (memory !== undefined) {
      tools.blocks.give(memory);
      memory = undefined;
    }
  };
  return {
    control(kind, payload) {
      if (kind === frameKinds.file && announced === undefined) {
        announced = decodePayload(answerSchemas.file, payload, 'protocol');
        return false;
      }

      const {root} = expectEnd(kind, payload);
      // Nobody may mistake an empty or a shorter answer for the file.
      const digests = digest ?? new Uint8Array();
      const whole = announced?.size === file.size && (digest !== undefined) === file.size > 0;
      if (!whole || root !== rootDigest(tools.algorithm, digests).toString('hex')) {
        giveBack();
        file.tell({type: 'leave'});
      } else if (file.wanted()) {
        const bytes = memory?.subarray(0, file.size) ?? digests;
        group.add(file, announced?.mtimeMs ?? 0, bytes, checksumOf(bytes, digests, tools));
        giveBack();
      }

      turn.settle(file.size);
      return true;
    },
    blockMemory(header) {
      const expected = digest === undefined && announced?.size === file.size;
      if (!expected || header.offset !== 0 || header.length !== file.size) {
        throw new JangadaError('protocol', 'The server sent a block that was not asked for');
      }

      memory = tools.blocks.take();
      if (memory === undefined) {
        withdraw = tools.blocks.onFree(() => connection.resume());
      }

      return memory;
    },
    landed(bytes) {
      landedBytes += bytes;
      if (landedBytes < file.size && turn.due.passed()) {
        isTold = true;
        tellProgress(file, landedBytes);
      }
    },
    block(header, filled) {
      if (!digestOf(tools.algorithm, filled.subarray(0, header.length)).equals(header.digest)) {
        throw new JangadaError('digest_mismatch', 'A block arrived damaged');
      }

      digest = header.digest;
    },
    failed(error) {
      giveBack();
      if (isTold) {
        tellProgress(file, 0);
      }

      failExchange(file, turn, error);
    },
  };
}

/** A file that is there already: is it what the server has? */
function compare(file: SmallFile, {root, sha256}: LocalHashes, turn: Turn): Exchange {
  return {
    control(kind, payload) {
      if (kind === frameKinds.digests || kind === frameKinds.progress) {
        return false;
      }

      const end = expectEnd(kind, payload);
      if (end.root === root && end.size === file.size) {
        tellDone(file, file.size, sha256);
      } else {
        file.tell({type: 'leave'});
      }

      turn.settle(file.size);
      return true;
    },
    failed: error => failExchange(file, turn, error),
  };
}

function expectEnd(kind: FrameKind, payload: Buffer): Answers['end'] {
  if (kind !== frameKinds.end) {
    throw new JangadaError('protocol', 'The server answered with something else');
  }

  return decodePayload(answerSchemas.end, payload, 'protocol');
}

/** The root digest of a local file and, if asked for, its SHA-256; both in hex. */
type LocalHashes = {root: string; sha256: string | undefined};

function hashLocal(file: SmallFile, tools: SmallFileTools): LocalHashes {
  const {algorithm} = tools;
  const fd = openForReading(file.folder, file.name);
  try {
    const memory = new Uint8Array(file.size);
    const count = file.size === 0 ? 0 : readSync(fd, memory, 0, file.size, 0);
    const bytes = memory.subarray(0, count);
    const digests = file.size === 0 ? bytes : digestOf(algorithm, bytes).subarray(0, digestSize);
    const root = rootDigest(algorithm, digests).toString('hex');
    return {root, sha256: checksumOf(bytes, digests, tools)};
  } finally {
    closeSync(fd);
  }
}

/** The SHA-256 of `bytes`, one block or none with its digest in `digests`, if it is asked for. */
function checksumOf(
  bytes: Uint8Array,
  digests: Uint8Array,
  {algorithm, checksums}: SmallFileTools,
): string | undefined {
  if (!checksums) {
    return undefined;
  }

  return algorithm === 'sha256' && digests.length > 0
    ? Buffer.from(digests).toString('hex')
    : hash('sha256', bytes, 'hex');
}

/** Files that are written and wait to be flushed together and named. */
class FlushGroup {
  readonly #checker: Checker;
  #written: Written[] = [];
  #flushing: Promise<unknown> = Promise.resolve();

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  add(file: SmallFile, mtimeMs: number, bytes: Uint8Array, sha256: string | undefined): void {
    try {
      const fd = createWholePartial(file.folder, file.name, bytes);
      if (fd === undefined) {
        file.tell({type: 'leave'});
        return;
      }

      this.#written.push({file, fd, sha256});
      setTime(fd, mtimeMs);
    } catch (error) {
      fail(file, error);
    }

    if (this.#written.length >= filesPerFlush) {
      this.startFlush();
    }
  }

  /** Like `flush`, for who cannot wait; the next one that waits is told what went wrong. */
  startFlush(): void {
    this.flush().catch(() => {
      // Kept in `#flushing`.
    });
  }

  /** Flush and name what was written; resolves when all that was ever added has its name. */
  async flush(): Promise<void> {
    const written = this.#written;
    this.#written = [];
    this.#flushing = Promise.all([this.#flushing, finish(written, this.#checker)]);
    await this.#flushing;
  }
}

async function finish(written: readonly Written[], checker: Checker): Promise<void> {
  const flushed = checker.flush(written.map(({fd}) => fd));
  const failure = await flushed.then(
    () => undefined,
    (error: unknown) => ({error}),
  );
  const folders = new Set<OpenFolder>();
  const named: Written[] = [];
  for (const one of written) {
    const {file, fd} = one;
    try {
      // First of all: a network's disk may say only now that not all could be written.
      closeWholePartial(fd);
      if (failure !== undefined) {
        throw failure.error;
      }

      if (file.wanted()) {
        giveFinalName(file.folder, file.name, {overwrite: file.onConflict === 'overwrite'});
        folders.add(file.folder);
        named.push(one);
      }
    } catch (error) {
      fail(file, error);
    }
  }

  try {
    await checker.flushFolders(folders);
  } catch (error) {
    for (const {file} of named) {
      fail(file, error);
    }

    return;
  }

  for (const {file, sha256} of named) {
    tellDone(file, 0, sha256);
  }
}
