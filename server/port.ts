/** The port of a server: where it listens, who can reach it, and what the log says about it. */
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import type {Logger} from 'pino';
import {defaultPort, formatAddress} from '../protocol/address.ts';
import {displayName} from '../protocol/display-text.ts';
import {JangadaError} from '../protocol/errors.ts';
import {type Audience, audienceOf} from './audience.ts';
import type {Door} from './doors/door.ts';
import {sharedAddress} from './doors/shown-address.ts';

export type PortOptions = {
  /** Address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** 0 takes any free port. Default: 1234. */
  port?: number;
  /** A socket that is already listening; replaces host and port. */
  descriptor?: number | undefined;
};

/** What the log says about a server, apart from its address. */
type Served = {
  /** The store's name for people. */
  name: string;
  door: Door;
  trustsProxies: boolean;
  classic: boolean;
};

/** How many bytes may wait in the socket of a client before the server stops writing. */
export const writeAhead = 262_144;
/**
 * The operating system probes a silent client. A client that vanished without closing loses its place after about
 * 25 s, long before the idle timeout.
 */
const probes = {keepAlive: true, keepAliveInitialDelay: 15_000};

export class Port {
  readonly host: string;
  readonly port: number;
  /** The address for a client, with everything that the client needs; may contain the token. */
  readonly address: string;
  readonly audience: Audience;
  readonly #server: Server;
  readonly #served: Served;

  private constructor(server: Server, {descriptor, host}: PortOptions, served: Served) {
    const bound = boundAddress(server);
    this.#server = server;
    this.#served = served;
    this.host = descriptor === undefined ? (host ?? defaultHost) : bound.address;
    this.port = bound.port;
    this.address = sharedAddress(this.host, this.port, served.door);
    this.audience = audienceOf(bound.address, served.door, served.trustsProxies);
  }

  /**
   * Listen. Resolves once connections are accepted.
   *
   * @param accept is called with each connection.
   * @param paused leaves the bytes of a connection unread, because another process reads them.
   * @throws the error of the system, such as `EADDRINUSE`; JangadaError `usage` if the descriptor is no TCP socket.
   */
  static async open(
    options: PortOptions,
    served: Served,
    accept: (socket: Socket) => void,
    {paused = false} = {},
  ): Promise<Port> {
    const server = createServer(
      {noDelay: true, highWaterMark: writeAhead, pauseOnConnect: paused, ...probes},
      accept,
    );
    const {descriptor, host = defaultHost, port = defaultPort} = options;
    await listen(server, descriptor === undefined ? {host, port} : {fd: descriptor});
    try {
      return new Port(server, options, served);
    } catch (error) {
      // A server that listens would keep the process alive.
      server.close();
      throw error;
    }
  }

  /** Log what the server serves, and who can reach it. */
  tell(logger: Logger): void {
    const {host, port} = this;
    const {classic, door, name} = this.#served;
    const level = this.audience.isOpen ? 'warn' : 'info';
    // Without the token: other people read logs.
    const logged = {
      address: formatAddress({
        scheme: door.tls === undefined ? 'jangada' : 'jangadas',
        host,
        port,
      }),
      ...(door.tls === undefined ? {} : {fingerprint: `sha256:${door.tls.fingerprint}`}),
    };
    logger[level](logged, `serving '${displayName(name)}', read-only, to ${this.audience.text}`);
    if (classic) {
      logger[level]('the server answers the classic dialogue, too');
    }
  }

  /** Accept no more. */
  close(): void {
    this.#server.close();
  }
}

const defaultHost = '127.0.0.1';

function listen(server: Server, place: {host: string; port: number} | {fd: number}): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = () => {
      server.removeListener('error', reject);
      resolve();
    };
    server.listen(place, listening);
  });
}

function boundAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new JangadaError(
      'usage',
      'systemd passed a socket without a port: write a port after ListenStream= in the socket unit, such as 1234',
    );
  }

  return address;
}
