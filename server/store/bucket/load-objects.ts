/** Loads small files, all at once: one after the other, each would wait for its own answer. */
import {Buffer} from 'node:buffer';
import {isJangadaError, wireCodeOf} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {FileToLoad, LoadedFile, LoadedFiles} from '../store.ts';
import {changed, storeError} from '../store-errors.ts';
import {versionOf} from './bucket-file.ts';
import type {ObjectFacts} from './s3/s3-client.ts';

/**
 * @param fetch fills `into` with the object at `path` if it has exactly that size, and gives the object's facts.
 * @throws JangadaError `aborted` if nobody waits for the objects any more. Any other error stands in the place of its
 * object.
 */
export async function loadObjects(
  files: readonly FileToLoad[],
  fetch: (path: RemotePath, into: Buffer) => Promise<ObjectFacts>,
): Promise<LoadedFiles> {
  const loaded = await Promise.all(files.map(file => load(file, fetch)));
  return {
    files: loaded.map(({file}) => file),
    bytes: Buffer.concat(loaded.map(({bytes}) => bytes)),
  };
}

async function load(
  [path, size]: FileToLoad,
  fetch: (path: RemotePath, into: Buffer) => Promise<ObjectFacts>,
): Promise<{file: LoadedFile; bytes: Buffer}> {
  const bytes = Buffer.allocUnsafe(size);
  try {
    const facts = await fetch(path, bytes);
    if (facts.size !== size) {
      throw changed(path);
    }

    const {mtimeMs} = facts;
    return {file: {kind: 'file', size, mtimeMs, version: versionOf(facts)}, bytes};
  } catch (error) {
    if (isJangadaError(error, 'aborted')) {
      throw error;
    }

    const told = storeError(error, path);
    const {cause, message} = told;
    const file = {
      kind: 'error',
      code: wireCodeOf(told),
      message,
      cause: String(cause ?? ''),
    } as const;
    return {file, bytes: Buffer.alloc(0)};
  }
}
