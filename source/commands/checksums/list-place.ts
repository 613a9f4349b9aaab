/** Where a list of checksums is, and how it names the files around it. */
import {realpathSync} from 'node:fs';
import {realpath} from 'node:fs/promises';
import {hostname} from 'node:os';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {makePath} from '../../transfers/system/make-path.ts';
import {localError} from '../../transfers/terms/local-error.ts';

/**
 * The path of `file` with all links resolved. Its folder is made if it is in `folder`, the folder of the downloads.
 *
 * @throws JangadaError `local_io`.
 */
export async function placeOf(file: string, folder: string | undefined): Promise<string> {
  const parent = path.dirname(file);
  try {
    if (folder !== undefined && !leadsOut(path.relative(folder, parent))) {
      makePath(parent);
    }

    return path.join(await realpath(parent), path.basename(file));
  } catch (error) {
    throw localError(error, parent);
  }
}

/**
 * Lock the list for this program: neither another list nor a download may use its path meanwhile.
 *
 * @throws JangadaError `locked` if another process writes there.
 */
export function lock(place: string, locks: QueueStore | undefined): void {
  const holder = locks?.places.hold([place]).get(place);
  if (holder !== undefined) {
    const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
    throw new JangadaError(
      'locked',
      `Another jangada (process ${holder.pid}${where}) writes to ${displayName(place)}: ` +
        'name another file for --checksums, or try again when it has ended',
    );
  }
}

/** The name by which a program finds `target` from `folder`, or from anywhere. */
export function nameOf(target: string, folder: string | undefined): string {
  let name = target;
  if (folder !== undefined) {
    const below = path.relative(folder, target);
    // `target` may be the resolved path, while `folder` contains links.
    name = leadsOut(below) ? path.relative(realpathSync(folder), target) : below;
  }

  const portable = path.sep === '/' ? name : name.replaceAll(path.sep, '/');
  // A single dash means standard input.
  return portable === '-' ? './-' : portable;
}

function leadsOut(relative: string): boolean {
  return /^\.\.(?:[\\/]|$)/.test(relative) || path.isAbsolute(relative);
}
