/** Opens a folder as a root, in the safest way that this operating system offers. */
import {statSync} from 'node:fs';
import process from 'node:process';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Root, RootHandle} from './root.ts';
import {LinuxRoot} from './root-linux.ts';
import {PortableRoot} from './root-portable.ts';

/**
 * The folder at `path` as a root.
 *
 * @param identity if given, `path` is a real path, and the folder there must have this identity.
 * @throws JangadaError `not_found`, also for another folder; `not_a_folder` or `forbidden`.
 */
export function openRoot(path: string, identity?: string): Root {
  const stats = statSync(path, {throwIfNoEntry: false});
  if (stats === undefined) {
    throw new JangadaError('not_found', `The folder '${displayName(path)}' does not exist`);
  }

  if (!stats.isDirectory()) {
    throw new JangadaError('not_a_folder', `'${displayName(path)}' is not a folder`);
  }

  return process.platform === 'linux'
    ? LinuxRoot.open(path, identity)
    : PortableRoot.open(path, identity);
}

/** The root that another thread opened. That thread closes it. */
export function shareRoot(handle: RootHandle): Root {
  return process.platform === 'linux' ? new LinuxRoot(handle) : new PortableRoot(handle);
}
