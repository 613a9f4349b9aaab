/**
 * Opens files under the root on systems without `/proc/self/fd`: resolve the path, check it, open it without following
 * links, and compare the opened file with the checked one. Somebody who can change the served folder at the same moment
 * may still win a race here; on Linux nobody can.
 */
import type {BigIntStats} from 'node:fs';
import {closeSync, constants, fstatSync, lstatSync, openSync, realpathSync} from 'node:fs';
import {join, sep} from 'node:path';
import process from 'node:process';
import {hasRawBytes, type RemotePath} from '../../../../protocol/remote-path.ts';
import {notAFile, notAFolder, notFound, storeError} from '../../store-errors.ts';
import {identityOf, typeOf} from './file-state.ts';
import {type OpenedFile, type OpenedFolder, type Root, type RootHandle, readFlags} from './root.ts';
import {whyNotWindowsPath} from './windows-names.ts';

export class PortableRoot implements Root {
  readonly handle: RootHandle;

  constructor(handle: RootHandle) {
    this.handle = handle;
  }

  /** @param identity see `openRoot`. */
  static open(path: string, identity?: string): PortableRoot {
    try {
      if (identity !== undefined) {
        refuseOther(path, identity);
      }

      return new PortableRoot({path: realpathSync.native(path), descriptor: -1});
    } catch (error) {
      throw storeError(error, path);
    }
  }

  stat(path: RemotePath): BigIntStats {
    return this.#checked(path).stats;
  }

  isInside(path: RemotePath): boolean {
    try {
      return this.#realPath(path) !== undefined;
    } catch (error) {
      throw storeError(error, path);
    }
  }

  openFile(path: RemotePath): OpenedFile {
    const {realPath, stats} = this.#checked(path);
    if (!stats.isFile()) {
      throw notAFile(path, typeOf(stats));
    }

    let descriptor: number;
    try {
      // Windows has no O_NOFOLLOW, and no FIFOs in folders.
      descriptor = openSync(realPath, readFlags | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      throw storeError(error, path);
    }

    const opened = fstatSync(descriptor, {bigint: true});
    if (opened.ino !== stats.ino || opened.dev !== stats.dev || !this.#stillThere(realPath)) {
      closeSync(descriptor);
      throw notFound(path);
    }

    return {descriptor, stats: opened};
  }

  inFolder(): undefined {}

  openFolder(path: RemotePath): OpenedFolder {
    const {realPath, stats} = this.#checked(path);
    if (!stats.isDirectory()) {
      throw notAFolder(path);
    }

    return {place: realPath, realPath, descriptor: undefined};
  }

  close(): void {}

  /** The real path of `path`, and its state. */
  #checked(path: RemotePath): {realPath: string; stats: BigIntStats} {
    try {
      const realPath = this.#realPath(path);
      if (realPath === undefined) {
        throw notFound(path);
      }

      return {realPath, stats: lstatSync(realPath, {bigint: true})};
    } catch (error) {
      throw storeError(error, path);
    }
  }

  /** The real path of `path`; undefined if it is outside the root. */
  #realPath(path: RemotePath): string | undefined {
    // On systems other than Linux, file names are Unicode.
    const reason = process.platform === 'win32' ? whyNotWindowsPath(path) : undefined;
    if (hasRawBytes(path) || reason !== undefined) {
      throw notFound(path, reason);
    }

    const realPath = realpathSync.native(join(this.handle.path, ...path.split('/')));
    const root = this.handle.path;
    const isInside =
      realPath === root || realPath.startsWith(root.endsWith(sep) ? root : root + sep);
    return isInside ? realPath : undefined;
  }

  #stillThere(realPath: string): boolean {
    try {
      return realpathSync.native(realPath) === realPath;
    } catch {
      return false;
    }
  }
}

/** Check that `path` is a real path, of the folder with `identity`. @throws JangadaError `not_found`. */
function refuseOther(path: string, identity: string): void {
  const isThere = realpathSync(path) === path;
  if (!isThere || identityOf(lstatSync(path, {bigint: true})) !== identity) {
    throw notFound(path);
  }
}
