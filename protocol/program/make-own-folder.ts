import {existsSync, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {systemErrorCode} from '../errors.ts';

/**
 * Make the folder at `path`, readable only by this user, and missing folders above it. Node's recursive `mkdir` never ends
 * if the operating system refuses a folder with ENOENT although its parent exists.
 *
 * @throws the error of the system.
 */
export function makeOwnFolder(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700});
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && statSync(path, {throwIfNoEntry: false})?.isDirectory() === true) {
      return;
    }

    const above = dirname(path);
    if (code !== 'ENOENT' || above === path || existsSync(above)) {
      throw error;
    }

    makeOwnFolder(above);
    mkdirSync(path, {mode: 0o700});
  }
}
