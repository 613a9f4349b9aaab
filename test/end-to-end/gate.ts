/**
 * A proxy to the server that lets only a given number of bytes through. So work stays under way while a test looks at it,
 * however fast or slow the machine is.
 */
import {connect, createServer, type Socket} from 'node:net';
import type {TestContext} from 'node:test';
import type {RunningServer} from '../../server/server.ts';

export type Gate = {
  /** The address for a client. */
  readonly address: string;
  /** Let this many more bytes of answers through, on all connections together. */
  allow(bytes: number): void;
  /** From now on let everything through. */
  open(): void;
  /** From now on let nothing through. */
  shut(): void;
};

/** Start a gate in front of `server`. It is open at first, and is closed at the end of the test. */
export async function startGate(t: TestContext, server: RunningServer): Promise<Gate> {
  let left = Number.POSITIVE_INFINITY;
  const pumps = new Set<() => void>();
  const sockets = new Set<Socket>();
  const pumpAll = (): void => {
    for (const pump of pumps) {
      pump();
    }
  };
  const listener = createServer(near => {
    const far = connect(server.port, server.host);
    const held: Buffer[] = [];
    const pump = (): void => {
      for (let chunk = held[0]; chunk !== undefined && left > 0; chunk = held[0]) {
        const part = chunk.subarray(0, left);
        left -= part.length;
        near.write(part);
        if (part.length === chunk.length) {
          held.shift();
        } else {
          held[0] = chunk.subarray(part.length);
        }
      }

      if (held.length === 0) {
        far.resume();
      }
    };
    pumps.add(pump);
    near.pipe(far);
    far.on('data', chunk => {
      far.pause();
      held.push(chunk);
      pump();
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      // A connection that ends in the middle may be reset.
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        pumps.delete(pump);
        other.destroy();
      });
    }
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    const closed = new Promise(resolve => listener.close(resolve));
    for (const socket of sockets) {
      socket.destroy();
    }

    await closed;
  });
  const place = listener.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  return {
    address: `jangada://127.0.0.1:${port}`,
    allow(bytes) {
      left += bytes;
      pumpAll();
    },
    open() {
      left = Number.POSITIVE_INFINITY;
      pumpAll();
    },
    shut() {
      left = 0;
    },
  };
}
