import type {Socket} from 'node:net';

/**
 * End `socket` so that its last bytes arrive: a socket that is closed while bytes of the
 * client wait unread is reset, and takes what was said last with it. So read on for a while,
 * and drop what comes.
 */
export function closeGently(socket: Socket, lingerMs: number): void {
  if (socket.destroyed) {
    return;
  }

  socket.removeAllListeners('data');
  socket.end();
  socket.resume();
  socket.setTimeout(0);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}
