/**
 * The header that a balancer sends before the bytes of a client, so that the server knows who the client is:
 * the PROXY protocol of HAProxy, versions 1 (text) and 2 (bytes).
 */
import type {Buffer} from 'node:buffer';
import {isIP, SocketAddress} from 'node:net';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Peer} from '../../connection/peer.ts';

export type ProxyHeader = {
  /** Bytes of the header. */
  length: number;
  /** The client; undefined if the connection is the balancer's own (a health check), or the balancer does not know it. */
  client: Peer | undefined;
};

const textStart = 'PROXY ';
/** Bytes of a header of version 1, with the end of its line. */
const maxText = 107;
const signature = '\r\n\r\n\0\r\nQUIT\n';
/** Bytes of the fixed part of version 2; it contains the length of the rest. */
const fixedSize = 16;
/** The most bytes of a header of version 2. Addresses take 36; other fields of balancers take some hundred. */
const maxBinary = 2048;

/** Whether `bytes` may be the beginning of a PROXY header. */
export function beginsProxyHeader(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, signature.length);
  return [textStart, signature].some(start => start.startsWith(text) || text.startsWith(start));
}

/**
 * The header at the front of `bytes`; undefined while it is incomplete.
 *
 * @throws JangadaError `bad_request` if it is not a PROXY header.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (!beginsProxyHeader(bytes)) {
    throw wrong('the connection begins with other bytes');
  }

  return bytes[0] === signature.charCodeAt(0) ? parseBinary(bytes) : parseText(bytes);
}

function parseText(bytes: Buffer): ProxyHeader | undefined {
  const text = bytes.toString('latin1', 0, maxText);
  const end = text.indexOf('\r\n');
  if (end === -1) {
    if (text.length >= maxText) {
      throw wrong('its line has no end');
    }

    return undefined;
  }

  const [, family, source = '', , sourcePort = '', ...rest] = text.slice(0, end).split(' ');
  const length = end + 2;
  if (family === 'UNKNOWN') {
    return {length, client: undefined};
  }

  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  if (version === undefined || isIP(source) !== version || rest.length !== 1) {
    throw wrong('its addresses are not valid');
  }

  return {length, client: {address: usual(source, version), port: parsePort(sourcePort)}};
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw wrong('its port is not valid');
  }

  return port;
}

function parseBinary(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < fixedSize) {
    return undefined;
  }

  const [version, command] = [(bytes[12] ?? 0) >> 4, (bytes[12] ?? 0) & 0xf];
  const family = bytes[13] ?? 0;
  const length = fixedSize + bytes.readUInt16BE(14);
  if (version !== 2 || command > 1 || length > maxBinary) {
    throw wrong('its version, command or length is not valid');
  }

  if (bytes.length < length) {
    return undefined;
  }

  const addresses = bytes.subarray(fixedSize, length);
  // Command 0: a connection of the balancer itself.
  return {length, client: command === 0 ? undefined : binaryClient(family, addresses)};
}

function binaryClient(family: number, addresses: Buffer): Peer | undefined {
  const ipv4OverTcp = 0x11;
  const ipv6OverTcp = 0x21;
  const need = family === ipv4OverTcp ? 12 : family === ipv6OverTcp ? 36 : 0;
  if (addresses.length < need) {
    throw wrong('its addresses are not complete');
  }

  if (family === ipv4OverTcp) {
    return {address: addresses.subarray(0, 4).join('.'), port: addresses.readUInt16BE(8)};
  }

  if (family === ipv6OverTcp) {
    const groups = Array.from({length: 8}, (_, index) => addresses.readUInt16BE(2 * index));
    const address = groups.map(group => group.toString(16)).join(':');
    return {address: usual(address, 6), port: addresses.readUInt16BE(32)};
  }

  // Unix sockets and datagrams have no address that limits could count.
  return undefined;
}

/** The one usual form of an address, because limits count by address. */
function usual(address: string, version: 4 | 6): string {
  return new SocketAddress({address, family: `ipv${version}`}).address;
}

function wrong(why: string): JangadaError {
  return new JangadaError(
    'bad_request',
    `The server trusts this address as a balancer, but it sent no valid PROXY protocol header: ${why}`,
  );
}
