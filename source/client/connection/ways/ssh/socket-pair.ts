import {once} from 'node:events';
import {connect, createServer, type OnReadOpts, type Socket} from 'node:net';

/**
 * Two sockets that are the ends of one connection. Bytes for `near` land in the memory that `onread` names. Node's own
 * pipe to a child would allocate memory for each piece, and collecting that garbage costs more than everything else.
 *
 * @param path a socket path for a moment, in a folder that only this user can read.
 * @throws Error of the system, for example if no descriptor is left.
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
    const far = await new Promise<Socket>((resolve, reject) => {
      listener.once('connection', resolve);
      listener.once('error', reject);
      near.once('error', reject);
      near.once('close', () => reject(notAccepted(path)));
    });
    return {near, far};
  } catch (error) {
    near.destroy();
    throw error;
  } finally {
    listener.close();
  }
}

/** Node reports no error if it had no descriptor for the accepted socket: it closes that socket. */
function notAccepted(path: string): Error {
  return Object.assign(new Error(`accept EMFILE ${path}`), {code: 'EMFILE'});
}
