/**
 * Compares the named files with their local copies. Equal copies, usually most of them, are found some hundred at once
 * (equal-copies.ts); each of the others is compared by itself, block by block.
 */
import {isJangadaError, isServerLost, type JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {equalCopies} from '../../transfers/download/compare/equal-copies.ts';
import {type VerifyReport, verifyFile} from '../../transfers/download/verify.ts';
import {inOrder} from '../checksums/in-order.ts';
import type {Job} from '../job.ts';
import type {Activity} from '../progress/activity.ts';
import {findCopy, type LocalCopy} from './local-copy.ts';

export type NamedFile = {name: string; remotePath: RemotePath};

/** A file with its copy and the report on that, or the reason why there is no report. */
export type Compared = NamedFile &
  ({copy: LocalCopy; report: VerifyReport} | {error: JangadaError});

/** Files and bytes in one portion, and how many portions are compared at the same time. */
const filesAtOnce = 1000;
const bytesAtOnce = 268_435_456;
const portionsAhead = 2;

/** A larger copy is compared by itself, so that its progress is shown. */
const mostBytes = 67_108_864;

/** Files at once that are compared by themselves: each waits for a round trip. */
const apartAtOnce = 4;

/**
 * The results one after the other, in the order of `files`.
 *
 * @throws JangadaError `aborted`; errors of a server that is lost.
 */
export async function* compareCopies(
  files: readonly NamedFile[],
  job: Job,
  activity: Activity,
): AsyncGenerator<Compared> {
  const compare = async (portion: readonly Found[]) => {
    const equal = await findEqual(portion, job, activity);
    return portion.map(found => ({found, report: 'copy' in found && equal.get(found.copy)}));
  };
  for await (const portion of inOrder(await portionsOf(files, job), compare, portionsAhead)) {
    // Several large copies at the same time would not be finished sooner.
    const atOnce = portion.some(({found}) => isLarge(found)) ? 1 : apartAtOnce;
    yield* inOrder(
      portion,
      async ({found, report}) =>
        'error' in found
          ? found
          : report
            ? {...found, report}
            : await compareApart(found, found.copy, job, activity),
      atOnce,
    );
  }
}

function isLarge(found: Found): boolean {
  return 'copy' in found && found.copy.size !== undefined && found.copy.size > mostBytes;
}

/** A file with its copy, or without one. */
type Found = NamedFile & ({copy: LocalCopy} | {error: JangadaError});

/** `files` with their copies, in portions that are compared together. */
async function portionsOf(files: readonly NamedFile[], {options}: Job): Promise<Found[][]> {
  const portions: Found[][] = [];
  let portion: Found[] = [];
  let bytes = 0;
  for (const file of files) {
    const found = await findOne(file, options.to);
    const size = 'copy' in found ? (found.copy.size ?? 0) : 0;
    if (portion.length === filesAtOnce || (portion.length > 0 && bytes + size > bytesAtOnce)) {
      portions.push(portion);
      portion = [];
      bytes = 0;
    }

    portion.push(found);
    bytes += size;
  }

  return [...portions, portion];
}

async function findOne(file: NamedFile, folder: string): Promise<Found> {
  try {
    return {...file, copy: await findCopy(file.name, file.remotePath, folder)};
  } catch (error) {
    return {...file, error: ofOneFile(error)};
  }
}

/**
 * Reports on copies that are equal. A single file is left out: its report names the blocks that differ, and its
 * progress is shown.
 */
async function findEqual(
  portion: readonly Found[],
  {client, options, signal}: Job,
  activity: Activity,
): Promise<Map<LocalCopy, VerifyReport>> {
  const equal = new Map<LocalCopy, VerifyReport>();
  const copies = portion.flatMap(found => ('copy' in found ? found.copy : []));
  const wanted = copies.flatMap(copy =>
    copy.size === undefined || copy.size > mostBytes
      ? []
      : {copy, remotePath: copy.remotePath, localFile: copy.file, size: copy.size},
  );
  if (copies.length < 2 || options.expect !== undefined) {
    return equal;
  }

  const total = wanted.reduce((sum, {size}) => sum + size, 0);
  const name = `${wanted.length.toLocaleString('en')} files`;
  try {
    const reports = await equalCopies(client, wanted, {
      signal,
      onProgress: bytes => activity.show('comparing', name, bytes, total),
    });
    for (const [index, {copy}] of wanted.entries()) {
      const report = reports[index];
      if (report !== undefined) {
        equal.set(copy, report);
      }
    }
  } catch (error) {
    // If the server cannot answer for many files at once, it may answer for each.
    ofOneFile(error);
  }

  return equal;
}

async function compareApart(
  file: NamedFile,
  copy: LocalCopy,
  {client, options, signal}: Job,
  activity: Activity,
): Promise<Compared> {
  const {name, remotePath} = file;
  try {
    const report = await verifyFile(client, remotePath, copy.file, {
      ...{signal, expect: options.expect},
      onProgress: ({doneBytes, totalBytes}) =>
        activity.show('comparing', name, doneBytes, totalBytes),
    });
    return {name, remotePath, copy, report};
  } catch (error) {
    return {name, remotePath, error: ofOneFile(error)};
  }
}

/** `error`, if it concerns one file. @throws any other error. */
export function ofOneFile(error: unknown): JangadaError {
  if (!isJangadaError(error) || error.code === 'aborted' || isServerLost(error.code)) {
    throw error;
  }

  return error;
}
