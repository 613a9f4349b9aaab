/**
 * Opens files under the root on Linux. The root is a descriptor, so the server keeps serving the folder that it opened,
 * wherever it is moved.
 *
 *     open(/proc/self/fd/ROOT/path, O_PATH)      pins the file or folder that is at the path now
 *     readlink(/proc/self/fd/PIN)                checks that it is inside the root
 *     fstat(PIN)                                 checks its type, so that no device is opened
 *     open(/proc/self/fd/PIN)                    opens exactly this file or folder for reading
 *
 * After the check nothing is opened by name, so nobody can swap a file in between. For several files of one folder in a
 * row, the folder itself is pinned and checked once in a turn of the event loop. A name in it is then pinned without
 * following links, so it is certainly in that folder. A name that is a link takes the steps above.
 */
import {Buffer} from 'node:buffer';
import type {BigIntStats, PathLike} from 'node:fs';
import {closeSync, constants, fstatSync, openSync, readlinkSync} from 'node:fs';
import {systemErrorCode} from '../../../../protocol/errors.ts';
import {
  baseName,
  nameToBytes,
  parentOf,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import {forbidden, notAFile, notAFolder, notFound, storeError} from '../../store-errors.ts';
import {identityOf, typeOf} from './file-state.ts';
import {LastFolder} from './last-folder.ts';
import {type OpenedFile, type OpenedFolder, type Root, type RootHandle, readFlags} from './root.ts';
import {standIn} from './stand-in.ts';

// O_PATH, which Node does not export; the number is the same on every architecture that Node supports.
const pathOnly = 0o10000000;

type Pin = {descriptor: number; realPath: string};

export class LinuxRoot implements Root {
  readonly handle: RootHandle;
  readonly #lastFolder = new LastFolder(path => this.#pin(path).descriptor);

  constructor(handle: RootHandle) {
    this.handle = handle;
  }

  /** @param identity see `openRoot`. */
  static open(path: string, identity?: string): LinuxRoot {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, pathOnly | constants.O_DIRECTORY);
      if (identity !== undefined) {
        refuseOther(descriptor, path, identity);
      }

      return new LinuxRoot({path, descriptor});
    } catch (error) {
      if (descriptor !== undefined) {
        closeSync(descriptor);
      }

      throw storeError(error, path);
    }
  }

  stat(path: RemotePath): BigIntStats {
    const pin = this.#pin(path);
    try {
      return fstatSync(pin.descriptor, {bigint: true});
    } catch (error) {
      throw storeError(error, path);
    } finally {
      closeSync(pin.descriptor);
    }
  }

  isInside(path: RemotePath): boolean {
    const pin = this.#pinIfInside(path);
    if (pin !== undefined) {
      closeSync(pin.descriptor);
    }

    return pin !== undefined;
  }

  openFile(path: RemotePath): OpenedFile {
    const plain = this.#pinInLastFolder(path);
    const file = plain === undefined ? undefined : openPinned(path, plain);
    return file ?? this.#openFollowing(path);
  }

  #openFollowing(path: RemotePath): OpenedFile {
    const file = openPinned(path, this.#pin(path).descriptor);
    if (file === undefined) {
      throw notFound(path);
    }

    return file;
  }

  inFolder<Result>(path: RemotePath, work: (place: string) => Result): Result {
    const {descriptor} = this.#pin(path);
    try {
      return standIn(placeOf(descriptor), work);
    } finally {
      closeSync(descriptor);
    }
  }

  openFolder(path: RemotePath): OpenedFolder {
    const pin = this.#pin(path);
    try {
      if (!fstatSync(pin.descriptor).isDirectory()) {
        throw notAFolder(path);
      }
    } catch (error) {
      closeSync(pin.descriptor);
      throw storeError(error, path);
    }

    return {
      place: placeOf(pin.descriptor),
      realPath: pin.realPath,
      descriptor: pin.descriptor,
    };
  }

  close(): void {
    this.#lastFolder.close();
    closeSync(this.handle.descriptor);
  }

  /**
   * Pin `path` through its folder, without following links, if that folder is kept. Undefined after any error: the slow path
   * then gives the reason.
   */
  #pinInLastFolder(path: RemotePath): number | undefined {
    try {
      const folder = path.isWellFormed() ? this.#lastFolder.of(path) : undefined;
      return folder === undefined
        ? undefined
        : openSync(`${placeOf(folder)}/${baseName(path)}`, pathOnly | constants.O_NOFOLLOW);
    } catch {
      return undefined;
    }
  }

  #pin(path: RemotePath): Pin {
    const pin = this.#pinIfInside(path);
    if (pin === undefined) {
      throw notFound(path);
    }

    return pin;
  }

  #pinIfInside(path: RemotePath): Pin | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(this.#under(path), pathOnly);
    } catch (error) {
      if (systemErrorCode(error) === 'EACCES') {
        throw this.#whyNoAccess(path, error);
      }

      throw storeError(error, path);
    }

    try {
      const place = this.#placeInside(descriptor);
      if (place !== undefined) {
        this.#refuseDetour(path, place);
        return {descriptor, realPath: place.root + place.under};
      }
    } catch (error) {
      closeSync(descriptor);
      throw storeError(error, path);
    }

    closeSync(descriptor);
    return undefined;
  }

  /**
   * Links on `path` may lead out of the root and back in, which would reveal names of folders outside. The pin itself is
   * already known to be inside: this check protects secrets, not the opening.
   */
  #refuseDetour(path: RemotePath, {under}: {under: string}): void {
    const parent = parentOf(path);
    if (parent !== rootPath && under !== `/${nameToBytes(path).toString('latin1')}`) {
      closeSync(this.#pin(parent).descriptor);
    }
  }

  /** The place of a pin under the root, with one character for each byte; undefined if it is outside. */
  #placeInside(descriptor: number): {root: string; under: string} | undefined {
    const rootLink = placeOf(this.handle.descriptor);
    // If the root is moved between the two reads, the pin seems to be outside: read again.
    for (let attempt = 0; attempt < 3; attempt++) {
      const link = readlinkSync(rootLink, 'latin1');
      // The root of the file system: its paths begin with a single slash.
      const root = link === '/' ? '' : link;
      const realPath = readlinkSync(placeOf(descriptor), 'latin1');
      if (realPath === link || realPath.startsWith(`${root}/`)) {
        return {root, under: realPath.slice(root.length)};
      }

      if (readlinkSync(rootLink, 'latin1') === link) {
        return undefined;
      }
    }

    return undefined;
  }

  /**
   * The error for EACCES: `forbidden` if the folder that refuses is inside the root, `not_found` if a link has led outside,
   * because the server must not reveal what exists there.
   */
  #whyNoAccess(path: RemotePath, error: unknown): Error {
    const parent = parentOf(path);
    if (path === rootPath) {
      return forbidden(path, error);
    }

    try {
      closeSync(this.#pin(parent).descriptor);
    } catch (parentError) {
      return storeError(parentError, path);
    }

    try {
      const child = openSync(this.#under(path), pathOnly | constants.O_NOFOLLOW);
      closeSync(child);
      return notFound(path, error);
    } catch {
      return forbidden(path, error);
    }
  }

  #under(path: RemotePath): PathLike {
    const root = placeOf(this.handle.descriptor);
    if (path === rootPath) {
      return root;
    }

    return path.isWellFormed()
      ? `${root}/${path}`
      : Buffer.concat([Buffer.from(`${root}/`), nameToBytes(path)]);
  }
}

/**
 * Check that a pin is the folder with `identity`, and that no link on `path` has led elsewhere: somebody may have put one
 * there after the caller had resolved the path.
 *
 * @throws JangadaError `not_found`.
 */
function refuseOther(pin: number, path: string, identity: string): void {
  const isThere = readlinkSync(placeOf(pin)) === path;
  if (!isThere || identityOf(fstatSync(pin, {bigint: true})) !== identity) {
    throw notFound(path);
  }
}

/** Open a pinned file for reading, and close the pin. Undefined if it is a link. */
function openPinned(path: RemotePath, pin: number): OpenedFile | undefined {
  try {
    const stats = fstatSync(pin, {bigint: true});
    if (stats.isSymbolicLink()) {
      return undefined;
    }

    if (!stats.isFile()) {
      throw notAFile(path, typeOf(stats));
    }

    return {descriptor: openSync(placeOf(pin), readFlags), stats};
  } catch (error) {
    throw storeError(error, path);
  } finally {
    closeSync(pin);
  }
}

function placeOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
