import type {Socket} from 'node:net';

/**
 * End `socket` so that its last bytes arrive: a socket that is closed while bytes of the
 * client wait unread is reset, and its last bytes are lost. So read on until all is
 * sent and for `lingerMs` more, and drop the bytes that arrive. A client that takes nothing for `stallMs`
 * gets no more.
 */
export function closeGently(socket: Socket, deadlines: {lingerMs: number; stallMs: number}): void {
  if (socket.destroyed) {
    return;
  }

  let timer: NodeJS.Timeout | undefined;
  socket.once('close', () => clearTimeout(timer));
  socket.removeAllListeners('data');
  socket.removeAllListeners('timeout');
  socket.setTimeout(deadlines.stallMs, () => socket.destroy());
  socket.end(() => {
    timer = setTimeout(() => socket.destroy(), deadlines.lingerMs);
  });
  socket.resume();
}
