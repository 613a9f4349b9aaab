import {once} from 'node:events';
import {connect, createServer, type OnReadOpts, type Socket} from 'node:net';

/**
 * Two sockets that are the ends of one connection. What comes to `near` lands in the memory that `onread` names;
 * Node's own pipe to a child would allocate memory for each piece of it, and collecting that costs more than all else.
 *
 * @param path where one of them listens for a moment; in a folder that nobody else can look into.
 */
export async function socketPair(
  path: string,
  onread: OnReadOpts,
): Promise<{near: Socket; far: Socket}> {
  const listener = createServer({pauseOnConnect: true});
  listener.listen(path);
  await once(listener, 'listening');
  const near = connect({path, onread, allowHalfOpen: false});
  try {
    const [far] = await once(listener, 'connection');
    return {near, far};
  } finally {
    listener.close();
  }
}
