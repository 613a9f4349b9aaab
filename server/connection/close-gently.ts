import type {ClientSocket} from './client-socket.ts';

/**
 * End `socket` so that its last bytes arrive. If a socket is closed while bytes of the client wait unread, the kernel
 * resets it, and the last bytes are lost. So read and drop bytes until everything is sent, and for `lingerMs` more.
 * The stall watch of the connection goes on, and closes a client that reads nothing.
 */
export function closeGently(socket: ClientSocket, {lingerMs}: {lingerMs: number}): void {
  if (socket.destroyed) {
    return;
  }

  let timer: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(timer));
  socket.removeAllListeners('data');
  socket.removeAllListeners('timeout');
  socket.setTimeout(0);
  socket.end(() => {
    timer = setTimeout(() => socket.destroy(), lingerMs);
  });
  socket.resume();
}
