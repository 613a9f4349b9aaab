/** The files that a client names: only those under the served folder. */
import {displayName} from '../../protocol/display-text.ts';
import {type ErrorCode, isJangadaError} from '../../protocol/errors.ts';
import {isRemotePath, parseRemotePath, type RemotePath} from '../../protocol/remote-path.ts';
import type {StoredFile} from '../store/store.ts';
import type {Talk} from './talk.ts';
import {nameLeadsOut} from './texts.ts';

/** Codes of a name under which no file is served. */
const noFileCodes: readonly ErrorCode[] = [
  'not_found',
  'not_a_file',
  'not_a_folder',
  'forbidden',
  'bad_request',
];

export type NamedFile = {path: RemotePath; file: StoredFile};

/**
 * Do `work` with the file that a client has named, and close it. The client is told that its name leads
 * out of the served folder, or `missing` if there is no such file; then the result is undefined.
 *
 * @throws the error of `work`; that of the store if it cannot tell whether there is a file.
 */
export async function withNamedFile<Result>(
  name: string,
  talk: Talk,
  {missing, work}: {missing: string; work: (named: NamedFile) => Promise<Result>},
): Promise<Result | undefined> {
  const named = saysWayOut(name) ? undefined : await openNamed(name, talk);
  if (named === undefined) {
    await talk.say((await leadsOut(name, talk)) ? nameLeadsOut(name) : missing);
    return undefined;
  }

  try {
    return await work(named);
  } finally {
    named.file.close();
  }
}

/** The file of that name, open; undefined if there is none that is served. */
export async function openNamed(name: string, {exchange}: Talk): Promise<NamedFile | undefined> {
  const {log, store} = exchange;
  try {
    const path = parseRemotePath(name);
    return {path, file: await store.open(path)};
  } catch (error) {
    if (!isJangadaError(error, ...noFileCodes)) {
      throw error;
    }

    log.write('info', {code: error.code}, displayName(error.message));
    return undefined;
  }
}

/** Whether a name for which no file is served leads out of the folder, by its letters or through a link. */
async function leadsOut(name: string, {exchange}: Talk): Promise<boolean> {
  return (
    saysWayOut(name) || (isRemotePath(name) && (await exchange.store.leadsOut?.(name)) === true)
  );
}

/** Also a file whose name only has two dots in it is refused: that is the dialogue's rule. */
function saysWayOut(name: string): boolean {
  return name.includes('..') || name.startsWith('/');
}
