/** The files that a client names: only those under the served folder. */
import {displayName} from '../../protocol/display-text.ts';
import {type ErrorCode, isJangadaError} from '../../protocol/errors.ts';
import {isRemotePath, parseRemotePath, type RemotePath} from '../../protocol/remote-path.ts';
import type {StoredFile} from '../store/store.ts';
import type {Talk} from './talk.ts';
import {nameLeadsOut} from './texts.ts';

/** Error codes that mean: the server serves no file with this name. */
const noFileCodes: readonly ErrorCode[] = [
  'not_found',
  'not_a_file',
  'not_a_folder',
  'forbidden',
  'bad_request',
];

export type NamedFile = {path: RemotePath; file: StoredFile};

/**
 * Do `work` with the file that a client has named, and close the file. If the name leads out of the served folder, the
 * client gets the text for that; if the file does not exist, it gets `missing`. In both cases the result is undefined.
 *
 * @throws the error of `work`; the error of the store if it cannot tell whether the file exists.
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

/** Open the file with that name; undefined if the server serves no such file. */
export async function openNamed(name: string, {exchange}: Talk): Promise<NamedFile | undefined> {
  const {log, signal, store} = exchange;
  try {
    const path = parseRemotePath(name);
    return {path, file: await store.open(path, signal)};
  } catch (error) {
    if (!isJangadaError(error, ...noFileCodes)) {
      throw error;
    }

    log.write('info', {code: error.code}, displayName(error.message));
    return undefined;
  }
}

/** Whether a name that the server does not serve leads out of the folder, by `..` or through a link. */
async function leadsOut(name: string, {exchange}: Talk): Promise<boolean> {
  return (
    saysWayOut(name) || (isRemotePath(name) && (await exchange.store.leadsOut?.(name)) === true)
  );
}

/** The rule of the dialogue also refuses a name that only contains two dots somewhere. */
function saysWayOut(name: string): boolean {
  return name.includes('..') || name.startsWith('/');
}
