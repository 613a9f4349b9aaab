/**
 * The descriptors of the server: how many connections they are enough for, and whether there are some for
 * one more thread. Without that a server with a low limit (`ulimit -n`) would take connections that
 * it cannot answer.
 */
import {JangadaError} from '../../protocol/errors.ts';
import {openFileCount, openFileLimit} from '../../protocol/program/open-file-limit.ts';

/** A connection: its socket, and the pin and the file, or the folder, of the answer under way. */
const filesPerConnection = 3;

/** A thread: those of its event loop, and of a search some folders. */
const filesPerThread = 12;

const limit = openFileLimit();
const countAtStart = openFileCount();

/** Descriptors that this process has left for its work as a server. */
const spareFiles = limit - countAtStart;

/** Connections at most: `wanted`, or those that there are descriptors for; always one. */
export function connectionsWithin(wanted: number, spare = spareFiles): number {
  // A connection that is refused needs a descriptor, too.
  return Math.max(1, Math.min(wanted, Math.floor((spare - 1) / filesPerConnection)));
}

/** Connections at most that wait for a place, and that are told why they end: `wanted`, or fewer. */
export function placelessWithin(wanted: number, spare = spareFiles): number {
  return Math.max(1, Math.min(wanted, Math.floor(spare / 8)));
}

/** Whether one more thread finds descriptors now. */
export function hasRoomForThread(): boolean {
  return limit === Number.POSITIVE_INFINITY || limit - openFileCount() >= filesPerThread;
}

/**
 * See to it that one more thread finds descriptors.
 *
 * @throws JangadaError `busy` if there are too few now; `too_large` if there never are enough.
 */
export function refuseThread(spare = spareFiles): void {
  if (spare < filesPerThread) {
    throw new JangadaError(
      'too_large',
      'The server may open too few files for this: start it with a higher limit (ulimit -n)',
    );
  }

  if (!hasRoomForThread()) {
    throw new JangadaError('busy', 'The server has too many files open; try again later');
  }
}
