/**
 * How far a client has come with the bytes that were sent to it. The bytes of one write are told to be
 * written when the system has taken the last of them, which for a block and a slow client takes
 * minutes; so these are counted one by one.
 */
import {existsSync, readFileSync, readlinkSync} from 'node:fs';
import process from 'node:process';
import type {ClientSocket} from '../connection/client-socket.ts';

/** The numbers of a socket that Node knows and does not show. */
type SocketHandle = {
  /** Bytes given to libuv. */
  bytesWritten: number;
  /** Those of them that the system has not taken. */
  writeQueueSize: number;
  fd: number;
};

/** Bytes that the system has taken. */
export function takenBytes(socket: ClientSocket): number {
  const handle = handleOf(socket);
  return handle === undefined
    ? socket.bytesWritten - socket.writableLength
    : handle.bytesWritten - handle.writeQueueSize;
}

/**
 * Bytes that the system has taken and the client's has not; undefined where that cannot be known. The
 * system takes megabytes ahead, and then no more before a third of that has gone: with a slow
 * client it takes nothing for minutes, while these become fewer. The number may be a tenth of a second
 * old, but is not from before `sinceMs` (of `performance.now`).
 */
export function queuedBytes(
  socket: ClientSocket,
  sinceMs = Number.NEGATIVE_INFINITY,
): number | undefined {
  const handle = handleOf(socket);
  if (handle === undefined || process.platform !== 'linux') {
    return undefined;
  }

  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${handle.fd}`)) ?? [];
    return inode === undefined ? undefined : queues.of(inode, sinceMs);
  } catch {
    // A system without /proc.
    return undefined;
  }
}

function handleOf(socket: ClientSocket): SocketHandle | undefined {
  // No type of Node's has it. Each field is looked at before it is believed.
  const {_handle: handle} = socket as unknown as {_handle?: Partial<SocketHandle> | null};
  const {bytesWritten, writeQueueSize, fd} = handle ?? {};
  return bytesWritten === undefined || writeQueueSize === undefined || fd === undefined
    ? undefined
    : {bytesWritten, writeQueueSize, fd};
}

/** The second one is missing where there is no IPv6. */
const queueLists = ['/proc/net/tcp', '/proc/net/tcp6'];

/** On a machine with many connections the system needs milliseconds to list them. */
const freshMs = 100;

/** The queues of all connections of this machine. */
class SystemQueues {
  #readAt = Number.NEGATIVE_INFINITY;
  #lists: readonly string[] = [];

  /** Bytes in the queue of the socket with that inode; undefined if it is not listed. */
  of(inode: string, sinceMs: number): number | undefined {
    const now = performance.now();
    if (now - this.#readAt > freshMs || this.#readAt < sinceMs) {
      this.#lists = queueLists.filter(existsSync).map(file => readFileSync(file, 'utf8'));
      this.#readAt = now;
    }

    for (const list of this.#lists) {
      // Number, two addresses, state, queues out and in, timer, retransmissions, user, timeout, inode.
      const [, queue] =
        new RegExp(
          `^ *\\d+: \\S+ \\S+ \\S+ ([\\dA-F]+):\\S+ \\S+ \\S+ +\\d+ +\\d+ ${inode} `,
          'm',
        ).exec(list) ?? [];
      if (queue !== undefined) {
        return Number.parseInt(queue, 16);
      }
    }

    return undefined;
  }
}

const queues = new SystemQueues();
