/**
 * The HTTP port for metrics: it answers only `GET /metrics`. It expects a few collectors that ask every few seconds, so
 * it closes connections that are slow, large or too many.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {formatHost} from '../../protocol/address.ts';

export type MetricsAddress = {host: string; port: number};

/** The most connections at once; further ones are closed. */
const mostConnections = 8;
const mostHeaderBytes = 4096;

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export class MetricsPort {
  readonly #server: Server;
  readonly #host: string;

  /**
   * Resolves once the port accepts connections.
   *
   * @param patienceMs timeout for a whole request, and for a silent connection.
   * @throws the error of the system, such as `EADDRINUSE`.
   */
  static async open(
    {host, port}: MetricsAddress,
    text: () => string,
    patienceMs = 5000,
  ): Promise<MetricsPort> {
    const server = createServer(
      {
        maxHeaderSize: mostHeaderBytes,
        headersTimeout: patienceMs,
        requestTimeout: patienceMs,
        keepAliveTimeout: patienceMs,
        connectionsCheckingInterval: patienceMs / 10,
      },
      (request, response) => answer(request, response, text),
    );
    server.maxConnections = mostConnections;
    server.timeout = 2 * patienceMs;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({host, port}, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new MetricsPort(server, host);
  }

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
  }

  /** The IP address that the port listens on. */
  get address(): string {
    return this.#bound.address;
  }

  get url(): string {
    return `http://${formatHost(this.#host)}:${this.#bound.port}/metrics`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  get #bound(): AddressInfo {
    return this.#server.address() as AddressInfo; // It listens on a port.
  }
}

function answer(request: IncomingMessage, response: ServerResponse, text: () => string): void {
  // Drop the body of a request.
  request.resume();
  const {method, url = ''} = request;
  if (url.replace(/\?.*$/s, '') !== '/metrics') {
    end(response, 404, 'This port serves only /metrics\n');
  } else if (method === 'GET' || method === 'HEAD') {
    end(response, 200, text());
  } else {
    response.setHeader('Allow', 'GET, HEAD');
    end(response, 405, 'This port answers only GET and HEAD\n');
  }
}

/** For `HEAD`, Node sends only the headers. */
function end(response: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, {'Content-Type': contentType, 'Content-Length': length});
  response.end(text);
}
