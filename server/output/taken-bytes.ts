/**
 * How many sent bytes a client has received. Node reports a write as done when the operating system has taken its last
 * byte, which takes minutes for a block and a slow client. So this file counts the bytes of unfinished writes.
 */
import {existsSync, readFileSync, readlinkSync} from 'node:fs';
import process from 'node:process';
import type {ClientSocket} from '../connection/client-socket.ts';

/** Internal numbers of a Node socket. */
type SocketHandle = {
  /** Bytes passed to libuv. */
  bytesWritten: number;
  /** Bytes that libuv has and the operating system has not taken. */
  writeQueueSize: number;
  fd: number;
};

/** Bytes that the operating system has taken. */
export function takenBytes(socket: ClientSocket): number {
  const handle = handleOf(socket);
  return handle === undefined
    ? socket.bytesWritten - socket.writableLength
    : handle.bytesWritten - handle.writeQueueSize;
}

/**
 * Bytes that this operating system holds and the client's has not received; undefined if unknown. The operating system
 * takes megabytes ahead, and then nothing until a third of that is sent. With a slow client it takes nothing for minutes,
 * while this number falls. The number may be a tenth of a second old, but not from before `sinceMs` (`performance.now`).
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
  // Node's types do not declare `_handle`. Each field is checked before use.
  const {_handle: handle} = socket as unknown as {_handle?: Partial<SocketHandle> | null};
  const {bytesWritten, writeQueueSize, fd} = handle ?? {};
  return bytesWritten === undefined || writeQueueSize === undefined || fd === undefined
    ? undefined
    : {bytesWritten, writeQueueSize, fd};
}

/** The second file does not exist on a system without IPv6. */
const queueLists = ['/proc/net/tcp', '/proc/net/tcp6'];

/** How long a listing is reused: the kernel needs milliseconds to list many connections. */
const freshMs = 100;

/** The send queues of all connections of this machine. */
class SystemQueues {
  #readAt = Number.NEGATIVE_INFINITY;
  #lists: readonly string[] = [];

  /** Bytes in the send queue of the socket with `inode`; undefined if the kernel does not list it. */
  of(inode: string, sinceMs: number): number | undefined {
    const now = performance.now();
    if (now - this.#readAt > freshMs || this.#readAt < sinceMs) {
      this.#lists = queueLists.filter(existsSync).map(file => readFileSync(file, 'utf8'));
      this.#readAt = now;
    }

    for (const list of this.#lists) {
      // Fields: number, two addresses, state, send and receive queue, timer, retransmissions, user, timeout, inode.
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
