/**
 * Keeps the code that V8 has compiled for the next start of the program, which then takes half of the time. Node checks
 * that the compiled code belongs to the file, and compiles again where it does not, or where it cannot be read.
 */
import {readdirSync, rmSync, type Stats, statSync} from 'node:fs';
// A named import that an old Node lacks would be an error here, before the program can say that Node is too old.
import module from 'node:module';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {systemErrorCode} from '../protocol/errors.ts';
import {makeOwnFolder} from '../protocol/program/make-own-folder.ts';
import {cacheFolder} from '../protocol/program/user-folders.ts';

/** Most files in the folder: each build has about forty files of its own. */
const mostFiles = 200;

/**
 * Keep the compiled code of all modules that are imported from now on, in the cache folder of this user. Nothing is
 * kept if that folder cannot be written, or if other users can write in it. Node's own variables win:
 * NODE_COMPILE_CACHE names another folder, NODE_DISABLE_COMPILE_CACHE keeps nothing.
 */
export function keepCompiledCode(environment: NodeJS.ProcessEnv): void {
  if (environment.NODE_COMPILE_CACHE || environment.NODE_DISABLE_COMPILE_CACHE) {
    return;
  }

  const folder = join(cacheFolder(environment), 'compiled');
  try {
    if (makeOwn(folder)) {
      bound(folder);
      module.enableCompileCache(folder);
    }
  } catch (error) {
    // Without kept code the program starts more slowly, but it starts.
    if (systemErrorCode(error) === undefined) {
      throw error;
    }
  }
}

/** @returns whether the folder exists now and only this user can write in it: its code will be run. */
function makeOwn(folder: string): boolean {
  // A folder that root makes in the home folder of another user would block that user later.
  if (!isOwn(nearest(folder))) {
    return false;
  }

  makeOwnFolder(folder);
  const stats = statSync(folder);
  return isOwn(stats) && (process.platform === 'win32' || (stats.mode & 0o022) === 0);
}

/** The folder, or its nearest parent that exists. */
function nearest(folder: string): Stats {
  return statSync(folder, {throwIfNoEntry: false}) ?? nearest(dirname(folder));
}

function isOwn({uid}: Stats): boolean {
  // Windows has no user numbers, and keeps other users out of this user's folder.
  return process.getuid === undefined || uid === process.getuid();
}

/** Empty the folder if many builds have left their files in it. */
function bound(folder: string): void {
  // Node makes one subfolder for each of its versions, with no folders inside.
  const folders = readdirSync(folder, {withFileTypes: true})
    .filter(entry => entry.isDirectory())
    .map(({name}) => join(folder, name));
  const files = folders.reduce((sum, inside) => sum + readdirSync(inside).length, 0);
  if (files > mostFiles) {
    for (const inside of folders) {
      rmSync(inside, {recursive: true, force: true});
    }
  }
}
