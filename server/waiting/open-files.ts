/**
 * Computes how many connections and threads the file descriptors of the server allow. Otherwise a server with a low limit
 * (`ulimit -n`) would accept connections that it cannot answer.
 */
import {JangadaError} from '../../protocol/errors.ts';
import {openFileCount, openFileLimit} from '../../protocol/program/open-file-limit.ts';

/** Descriptors of a connection: its socket, and the pin and the file (or the folder) of the running answer. */
const filesPerConnection = 3;

/** Descriptors of a thread: those of its event loop, and some folders of a search. */
const filesPerThread = 12;

const limit = openFileLimit();
const countAtStart = openFileCount();

/** How many descriptors this process can use for its work. */
const spareFiles = limit - countAtStart;

/** The most connections: `wanted`, or as many as the descriptors allow; at least one. */
export function connectionsWithin(wanted: number, spare = spareFiles): number {
  // A refused connection needs a descriptor, too.
  return Math.max(1, Math.min(wanted, Math.floor((spare - 1) / filesPerConnection)));
}

/** The most connections that wait for a place, and that are being refused: `wanted`, or fewer. */
export function placelessWithin(wanted: number, spare = spareFiles): number {
  return Math.max(1, Math.min(wanted, Math.floor(spare / 8)));
}

/** Whether the descriptors allow one more thread now. */
export function hasRoomForThread(): boolean {
  return limit === Number.POSITIVE_INFINITY || limit - openFileCount() >= filesPerThread;
}

/**
 * Check that the descriptors allow one more thread.
 *
 * @throws JangadaError `busy` if they do not allow it now; `too_large` if they never do.
 */
export function refuseThread(spare = spareFiles): void {
  if (spare < filesPerThread) {
    throw new JangadaError(
      'too_large',
      'The limit of open files is too low for this: start the server with a higher one (ulimit -n)',
    );
  }

  if (!hasRoomForThread()) {
    throw new JangadaError('busy', 'The server has too many files open; try again later');
  }
}
