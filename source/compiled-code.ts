/**
 * Keeps code as V8 has compiled it for the next start of the program, which takes half of the time with
 * it. Node looks whether it is that of the file, and does without where it is not, or cannot be read.
 */
import {readdirSync, rmSync, type Stats, statSync} from 'node:fs';
// By name, an old Node would end with an error here, before it is told that it is old.
import module from 'node:module';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {systemErrorCode} from '../protocol/errors.ts';
import {makeOwnFolder} from '../protocol/program/make-own-folder.ts';
import {cacheFolder} from '../protocol/program/user-folders.ts';

/** Each build has files of its own, about forty of them. */
const mostFiles = 200;

/**
 * Keep the code of all modules that are imported from now on, in the cache folder of this user. Where
 * that cannot be written, or others can write in it, nothing is kept. Node's own variables have the last
 * word: NODE_COMPILE_CACHE names another folder, NODE_DISABLE_COMPILE_CACHE keeps nothing.
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
    // The program starts all the same, only later.
    if (systemErrorCode(error) === undefined) {
      throw error;
    }
  }
}

/** @returns whether there is a folder now in which this user alone can write: its code is run. */
function makeOwn(folder: string): boolean {
  // What root would make in the home folder of another user would be in that user's way.
  if (!isOwn(nearest(folder))) {
    return false;
  }

  makeOwnFolder(folder);
  const stats = statSync(folder);
  return isOwn(stats) && (process.platform === 'win32' || (stats.mode & 0o022) === 0);
}

/** The folder, or the innermost around it that is there. */
function nearest(folder: string): Stats {
  return statSync(folder, {throwIfNoEntry: false}) ?? nearest(dirname(folder));
}

function isOwn({uid}: Stats): boolean {
  // Windows knows no numbers of users, and keeps others out of the folder of this one.
  return process.getuid === undefined || uid === process.getuid();
}

/** Begin anew if many builds have left their files. */
function bound(folder: string): void {
  // Node makes one for each of its versions, with no folders in it.
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
