/**
 * Reads the PROXY header of connections from balancers before anything else, also before TLS, so that limits, places and
 * the log see the client and not the balancer. Only the addresses in `trusted` may send one.
 */
import {Buffer} from 'node:buffer';
import {BlockList, isIP} from 'node:net';
import {JangadaError} from '../../../protocol/errors.ts';
import type {ClientSocket} from '../../connection/client-socket.ts';
import {type Peer, peerName} from '../../connection/peer.ts';
import {type ProxyHeader, parseProxyHeader} from './proxy-header.ts';

type ProxyGateOptions = {
  /** Addresses, or networks as `10.0.0.0/8`. */
  trusted: readonly string[];
  /** Milliseconds until the header must be complete. */
  deadlineMs: number;
  /** The most connections without a header yet; further ones are closed. */
  most: number;
  /** Called when a connection from a trusted address is closed: it sent no header, or too many have sent none yet. */
  refused(peer: string, why: string): void;
};

export class ProxyGate {
  readonly #options: ProxyGateOptions;
  readonly #trusted: BlockList;
  readonly #waiting = new Set<ClientSocket>();

  /** @throws JangadaError `usage` for an invalid address. */
  constructor(options: ProxyGateOptions) {
    this.#options = options;
    this.#trusted = addressList(options.trusted);
  }

  /** Whether connections from `address` begin with a header. */
  isTrusted(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  /**
   * Read the header of `socket`, which comes from a trusted address, then call `admit` with the client that the header
   * names. All bytes after the header stay unread. A socket without a header is closed.
   */
  read(socket: ClientSocket, admit: (client: Peer | undefined) => void): void {
    if (this.#waiting.size >= this.#options.most) {
      this.#refuse(
        socket,
        'Too many connections of trusted balancers have not yet sent their PROXY protocol header',
      );
      return;
    }

    this.#waiting.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => {
      const seconds = this.#options.deadlineMs / 1000;
      this.#refuse(
        socket,
        `The server trusts this address as a balancer, but it sent no complete PROXY protocol header within ${seconds} s`,
      );
    }, this.#options.deadlineMs);
    const end = () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('readable', take).off('close', end).off('error', ignore);
    };
    const take = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) {
        return;
      }

      bytes = Buffer.concat([bytes, chunk]);
      let header: ProxyHeader | undefined;
      try {
        header = parseProxyHeader(bytes);
      } catch (error) {
        end();
        this.#refuse(socket, error instanceof Error ? error.message : String(error));
        return;
      }

      if (header !== undefined) {
        end();
        socket.unshift(bytes.subarray(header.length));
        admit(header.client);
      }
    };
    socket.on('readable', take).on('close', end).on('error', ignore);
  }

  /** End the connections that have sent no header yet. */
  close(): void {
    for (const socket of this.#waiting) {
      socket.destroy();
    }
  }

  #refuse(socket: ClientSocket, why: string): void {
    const peer = {address: `${socket.remoteAddress}`, port: socket.remotePort};
    this.#options.refused(peerName(peer), why);
    socket.destroy();
  }
}

/** An error needs no handling here, because `close` follows it. */
function ignore(): void {}

function addressList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of addresses) {
    const [address = '', bits, more] = text.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (version === 0 || more !== undefined || !(prefix <= most)) {
      throw new JangadaError(
        'usage',
        `Invalid value '${text}' for --trust-proxy: use IP addresses and networks such as 10.1.2.3 or 10.0.0.0/8`,
      );
    }

    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  }

  return list;
}
