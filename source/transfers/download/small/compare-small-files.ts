/**
 * Compares small files that exist here with the server's: many with one request, while both sides hash at the same
 * time.
 *
 *     one request ─► states and root digests, in order ─┐
 *     some files at once ─► threads ─► root digests ────┴─► the same: done    otherwise: left to a download
 *
 * An older server is asked for the digests of each file, with some requests ahead.
 */
import {isJangadaError, isTransient, JangadaError} from '../../../../protocol/errors.ts';
import type {RootQuestion} from '../../../../protocol/messages.ts';
import {askDigests} from '../../../client/ask-digests.ts';
import {askRoots, canAskRoots} from '../../../client/ask-roots.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import {mendTime} from '../../disk/file-state.ts';
import {namesIn} from '../../disk/folders/names-in.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import {partialName} from '../../disk/local-name.ts';
import {lookAt} from '../../disk/look-at.ts';
import {openFiles} from '../../disk/open-files.ts';
import {readError, type SmallFileHashes} from '../../hashing/checker.ts';
import {type FileToOpen, SmallHashing} from '../../hashing/small-hashing.ts';
import {isNewer} from '../settle-conflict.ts';
import {
  copyOf,
  fail,
  isOther,
  leave,
  leaveOrMiss,
  pathOf,
  type SmallFile,
  type SmallFileTools,
  tellDone,
  tellOtherTime,
} from './small-file.ts';

/** The server's file. An older server does not send its time. `root` in hex, if it was requested. */
type There = {size: number; mtimeMs: number | undefined; version: string; root: string | undefined};

/** A local file to compare, by its content or only by its time (in milliseconds since 1970). */
type Here = {readonly file: SmallFile} & (
  | {readonly content: FileToOpen}
  | {readonly mtimeMs: number}
);

/** Requests for digests that are sent ahead to an older server. */
const requestsAhead = 64;

/** Share of the time limit of an ending that is reserved for flushing and renaming. */
const flushShare = 0.2;

/**
 * Begin to compare those of `files` whose name is taken. Files that are the same, or must stay as they are, are done
 * without being fetched. Files that differ get the event `leave`.
 *
 * @returns the files whose name is free, and a promise for the end, which rejects with a JangadaError if the connection
 * is lost. Until then the folders must stay open.
 */
export function compareSmallFiles(
  connection: Connection,
  files: readonly SmallFile[],
  tools: SmallFileTools,
): {missing: SmallFile[]; ended: Promise<void>} {
  const missing: SmallFile[] = [];
  const here: Here[] = [];
  const names = new FolderNames(files);
  for (const file of files) {
    if (file.wanted()) {
      sort(file, canAskRoots(connection), names, missing, here);
    }
  }

  const ended = here.length === 0 ? Promise.resolve() : compare(connection, here, tools);
  // The caller awaits it once the other files are fetched.
  ended.catch(() => {});
  return {missing, ended};
}

/** Add `file` to one of the lists, or report its end. */
function sort(
  file: SmallFile,
  asksTimes: boolean,
  names: FolderNames,
  missing: SmallFile[],
  here: Here[],
): void {
  const {folder, name, onConflict, sha256, size} = file;
  if (onConflict === 'fail' && folder.isMade) {
    // The folder was empty, and no two transfers save to one name. If another process has created the file since, the
    // rename fails. A lookup for each of thousands of files costs as much as creating the file.
    missing.push(file);
    return;
  }

  try {
    const inFolder = onConflict === 'resume' ? names.of(file) : undefined;
    if (inFolder?.get(name) === true && !inFolder.has(partialName(name))) {
      // The thread that opens the file checks its size.
      here.push({file, content: {at: folder.at(name), size}});
      return;
    }

    const found = lookAt(folder, name);
    if (found.kind === 'nothing') {
      missing.push(file);
    } else if (found.kind === 'other') {
      leave(file);
    } else if (onConflict === 'skip' && sha256 === undefined) {
      file.tell({type: 'done', outcome: 'skipped'});
    } else if (onConflict === 'newer' && sha256 === undefined && asksTimes) {
      here.push({file, mtimeMs: found.stats.mtimeMs});
    } else if (onConflict === 'resume' && found.stats.size === size && !hasPartial(file)) {
      here.push({file, content: {at: folder.at(name), size}});
    } else {
      leave(file);
    }
  } catch (error) {
    fail(file, error);
  }
}

/** The names in the folders of some files, read if that costs less than a lookup of each. */
class FolderNames {
  readonly #looks = new Map<OpenFolder, number>();
  readonly #names = new Map<OpenFolder, ReadonlyMap<string, boolean> | undefined>();

  constructor(files: readonly SmallFile[]) {
    for (const {folder} of files) {
      this.#looks.set(folder, (this.#looks.get(folder) ?? 0) + 1);
    }
  }

  of({folder}: SmallFile): ReadonlyMap<string, boolean> | undefined {
    if (!this.#names.has(folder)) {
      this.#names.set(folder, namesIn(folder, this.#looks.get(folder) ?? 0));
    }

    return this.#names.get(folder);
  }
}

function hasPartial({folder, name}: SmallFile): boolean {
  return lookAt(folder, partialName(name)).kind !== 'nothing';
}

async function compare(
  connection: Connection,
  files: readonly Here[],
  tools: SmallFileTools,
): Promise<void> {
  const checksums = tools.checksums || files.some(({file}) => file.sha256 !== undefined);
  let left = files;
  while (left.length > 0 && !tools.ending.begun) {
    const hashing = new SmallHashing(
      tools.checker,
      left.flatMap(here => ('content' in here ? here.content : [])),
      {algorithm: tools.algorithm, checksums, follow: false},
    );
    let timer: NodeJS.Timeout | undefined;
    const forget = tools.ending.onBegin(() => {
      hashing.stop();
      // The pending answer can only be canceled by closing the connection.
      timer = setTimeout(() => connection.close(), tools.ending.leftMs * (1 - flushShare));
    });
    try {
      left = await compareOnce(connection, left, hashing, tools);
    } finally {
      forget();
      clearTimeout(timer);
      await hashing.settled();
    }

    if (left.length > 0) {
      // For some files there was no descriptor. Comparing takes no places in the budget, so no call may report a free
      // one.
      await openFiles.moment();
    }
  }
}

/** @returns the files that must be compared once more. */
async function compareOnce(
  connection: Connection,
  files: readonly Here[],
  hashing: SmallHashing<FileToOpen>,
  tools: SmallFileTools,
): Promise<Here[]> {
  const again: Here[] = [];
  const judging: Array<Promise<void>> = [];
  const judge = async (here: Here, there: There | JangadaError) => {
    if (there instanceof JangadaError) {
      failOne(here.file, there);
    } else if (isOther(here.file, there.version)) {
      // The file has been reported as missed, and is compared with that of another server.
    } else if ('mtimeMs' in here) {
      judgeTimes(here, there);
    } else {
      const hashed = await hashing.of(here.content);
      const isLeft = hashed.kind === 'failed' && mayRetry(hashed);
      if (isLeft || !judgeContent(here.file, hashed, there, tools)) {
        again.push(here);
      }
    }
  };
  await ask(connection, files, tools, (index, there) => {
    const here = files[index];
    if (here !== undefined) {
      const judged = judge(here, there);
      // The result is awaited below, unless the connection is lost first.
      judged.catch(() => {});
      judging.push(judged);
    }
  });
  await Promise.all(judging);
  return again;
}

/** A transient error ends the whole comparison, to be tried again. Any other error ends one file. */
function failOne(file: SmallFile, error: JangadaError): void {
  if (isTransient(error)) {
    throw error;
  }

  if (file.agreed !== undefined || error.code === 'changed' || error.code === 'bad_request') {
    leaveOrMiss(file, error);
  } else {
    fail(file, error);
  }
}

function judgeTimes({file, mtimeMs}: {file: SmallFile; mtimeMs: number}, there: There): void {
  if (there.mtimeMs === undefined || isNewer(there.mtimeMs, mtimeMs)) {
    leave(file);
  } else {
    file.tell({type: 'done', outcome: 'skipped'});
  }
}

/**
 * Handles one compared file. If it is the same, and the expected one, it gets the server's time.
 *
 * @returns false if there was no descriptor to set the time: the file must be compared once more.
 */
function judgeContent(
  file: SmallFile,
  hashed: SmallFileHashes,
  there: There,
  {states}: SmallFileTools,
): boolean {
  if (hashed.kind === 'failed' && hashed.code !== undefined) {
    fail(file, readError(hashed.code, pathOf(file)));
    return true;
  }

  const isSame =
    hashed.kind === 'hashed' && hashed.size === there.size && hashed.root === there.root;
  if (!isSame || (file.sha256 !== undefined && file.sha256 !== hashed.sha256)) {
    leave(file);
    return true;
  }

  const {size, version, mtimeMs = hashed.mtimeMs} = there;
  try {
    tellOtherTime(file, mtimeMs, mendTime(file.folder, file.name, hashed, mtimeMs));
  } catch (error) {
    if (openFiles.mayRetry(error)) {
      return false;
    }

    fail(file, error);
    return true;
  }

  const isTold = states && there.mtimeMs !== undefined;
  const copy = isTold ? copyOf(file, {size, mtimeMs, version}) : undefined;
  tellDone(file, size, hashed.sha256, copy);
  return true;
}

function mayRetry({code}: {code: string | undefined}): boolean {
  return code !== undefined && openFiles.mayRetry(readError(code, ''));
}

/**
 * Ask the server about all `files`; `found` is called for each as its answer arrives. @throws JangadaError for all
 * files.
 */
async function ask(
  connection: Connection,
  files: readonly Here[],
  {algorithm}: SmallFileTools,
  found: (index: number, there: There | JangadaError) => void,
): Promise<void> {
  if (canAskRoots(connection)) {
    const questions = files.map((here): RootQuestion => {
      const {remotePath, size} = here.file;
      return 'content' in here ? [remotePath, size] : [remotePath];
    });
    await askRoots(connection, questions, algorithm, {
      onFound: (index, one) =>
        found(index, one instanceof JangadaError ? one : {...one, root: one.root?.toString('hex')}),
    });
    return;
  }

  let next = 0;
  const askNext = async () => {
    for (let index = next++; index < files.length; index = next++) {
      const path = files[index]?.file.remotePath;
      if (path !== undefined) {
        found(index, await digestsOrError(connection, path, algorithm));
      }
    }
  };
  const ahead = Math.min(requestsAhead, connection.hello.limits.pipelined);
  await Promise.all(Array.from({length: ahead}, askNext));
}

/** @throws JangadaError that concerns the connection. */
async function digestsOrError(
  connection: Connection,
  path: SmallFile['remotePath'],
  algorithm: SmallFileTools['algorithm'],
): Promise<There | JangadaError> {
  try {
    return await askDigests(connection, {path, algorithm}, {});
  } catch (error) {
    if (connection.closed || !isJangadaError(error) || error.code === 'protocol') {
      throw error;
    }

    return error;
  }
}
