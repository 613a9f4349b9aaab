import {existsSync, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {systemErrorCode} from '../errors.ts';

/**
 * Make the folder at `path`, readable only by this user, and missing folders above it. Another process may make the same
 * folders at this moment. Node's recursive `mkdir` never ends if the operating system refuses a folder with ENOENT
 * although its parent exists.
 *
 * @throws the error of the system.
 */
export function makeOwnFolder(path: string): void {
  try {
    makeOrFind(path);
  } catch (error) {
    const above = dirname(path);
    if (systemErrorCode(error) !== 'ENOENT' || above === path) {
      throw error;
    }

    // If the parent exists now, another process has just made it.
    if (!existsSync(above)) {
      makeOwnFolder(above);
    }

    makeOrFind(path);
  }
}

function makeOrFind(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700});
  } catch (error) {
    const isFolder = () => statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
    if (systemErrorCode(error) !== 'EEXIST' || !isFolder()) {
      throw error;
    }
  }
}
