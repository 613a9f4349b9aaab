import type {ClientSocket} from './client-socket.ts';

/**
 * End `socket` so that its last bytes arrive: a socket that is closed while bytes of the
 * client wait unread is reset, and its last bytes are lost. So read on until all is
 * sent and for `lingerMs` more, and drop the bytes that arrive. A client that takes nothing is
 * found by the stall watch of its connection, which goes on.
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
