/**
 * Names on this disk. A remote name is kept if this system can store it. Any other character becomes `%` and two
 * hexadecimal digits. If the name becomes too long by that, it is cut.
 */
import {Buffer} from 'node:buffer';
import {join, normalize, sep} from 'node:path';
import {
  baseName,
  hasRawBytes,
  isRemotePath,
  maxNameBytes,
  parseRemotePath,
  partialSuffix,
  type RemotePath,
} from '../../../protocol/remote-path.ts';
import {
  isWindowsDevice,
  windowsDropped,
  windowsForbidden,
} from '../../../protocol/windows-names.ts';
import {fittingName, splitName} from './fitting-name.ts';

/** The local name for one part of a remote path. */
export function localName(name: string, platform: NodeJS.Platform = process.platform): string {
  const safe = safeName(name, platform);
  if (safe === name || Buffer.byteLength(safe) <= maxNameBytes) {
    return safe;
  }

  const {stem, extension} = splitName(safe);
  return fittingName(stem, extension);
}

/** `name` with only characters that this system allows in names. */
function safeName(name: string, platform: NodeJS.Platform): string {
  const text = hasRawBytes(name)
    ? name.replace(/[\udc80-\udcff]/gu, byte => percent(byte.charCodeAt(0) - 0xdc00))
    : name;
  if (platform !== 'win32') {
    return text;
  }

  const safe = text
    .replace(windowsForbidden, character => percent(character.charCodeAt(0)))
    .replace(windowsDropped, end => [...end].map(mark => percent(mark.charCodeAt(0))).join(''));
  return isWindowsDevice(safe) ? `${percent(safe.charCodeAt(0))}${safe.slice(1)}` : safe;
}

function percent(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The name of the partial next to `name`; see `fittingName`. */
export function partialName(name: string): string {
  return fittingName(name, partialSuffix);
}

/** `name (2).ext`, `name (3).ext`, …; see `fittingName`. */
export function numberedName(name: string, number: number): string {
  const {stem, extension} = splitName(name);
  return fittingName(stem, ` (${number})${extension}`);
}

/** The local names for `path`, folder by folder; undefined if it is not a path below the target. */
export function localNames(path: string): string[] | undefined {
  try {
    return path === ''
      ? undefined
      : parseRemotePath(path)
          .split('/')
          .map(name => localName(name));
  } catch {
    return undefined;
  }
}

/** The last of `localNames`, in most cases without splitting the path. */
export function finalName(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return process.platform !== 'win32' && plainName.test(name) ? name : localNames(path)?.at(-1);
}

/** A name of one-byte characters that does not begin with a dot. */
const plainName = /^[!-\-0-~][ -.0-~]{0,254}$/;

/** Whether the local path for `path` is the same text. */
export function isLocalPath(path: string): boolean {
  return process.platform !== 'win32' && path.isWellFormed()
    ? path !== '' && isRemotePath(path)
    : localNames(path)?.join('/') === path;
}

/**
 * The local names of a transfer below its target folder, the final name last; undefined if they would lead out of it.
 *
 * @param chosenName replaces the last part of the local path, if that name was taken.
 */
export function namesBelow(localPath: string, chosenName?: string): string[] | undefined {
  const names = localNames(localPath);
  return names === undefined || chosenName === undefined
    ? names
    : [...names.slice(0, -1), chosenName];
}

/** Absolute path of the final name of a transfer; see `namesBelow`. */
export function savedAs(
  {folder, localPath, remotePath}: {folder: string; localPath: string; remotePath: RemotePath},
  chosenName?: string,
): string {
  if (chosenName === undefined && sep === '/' && isLocalPath(localPath)) {
    // Fast path for thousands of small files: the parts of the path need no check.
    const base = normalize(folder);
    return base === '.' || base === './'
      ? localPath
      : `${base}${base.endsWith(sep) ? '' : sep}${localPath}`;
  }

  return join(folder, ...(namesBelow(localPath, chosenName) ?? [localName(baseName(remotePath))]));
}
