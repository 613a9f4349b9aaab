import {isIPv6} from 'node:net';
import {displayName} from '../protocol/display-text.ts';
import type {Door} from './doors/door.ts';

/** The people and programs that can reach a server, in plain words. */
export type Audience = {
  /** Whether programs on other machines can read the served files without a token. */
  isOpen: boolean;
  text: string;
};

/**
 * @param address the IP address that the server listens on.
 * @param trustsProxies whether the server accepts clients through balancers: such clients come from anywhere, even if
 * the server listens on the loopback interface only.
 */
export function audienceOf(address: string, {tls, tokens}: Door, trustsProxies = false): Audience {
  const isLoop = isLoopback(address);
  const isLocal = isLoop && !trustsProxies;
  const machine =
    address === '0.0.0.0' || address === '::' ? 'this machine' : displayName(plain(address));
  const balancers = 'the balancers of --trust-proxy';
  const where = trustsProxies ? (isLoop ? balancers : `${machine} or ${balancers}`) : machine;
  const how = tls === undefined ? (isLocal ? '' : ', without encryption') : ', over TLS';
  if (tokens !== undefined) {
    const whom = isLocal
      ? 'programs on this machine that know'
      : `everybody who can reach ${where} and knows`;
    return {isOpen: false, text: `${whom} a token${how}`};
  }

  if (isLocal) {
    return {isOpen: false, text: `programs on this machine alone${how}`};
  }

  const without = tls === undefined ? 'without a password or encryption' : 'without a password';
  return {isOpen: true, text: `everybody who can reach ${where}, ${without}`};
}

/** Whether only programs on this machine reach `address`. */
export function isLoopback(address: string): boolean {
  return /^127\.|^::1(?:%.*)?$/.test(plain(address));
}

function plain(address: string): string {
  return isIPv6(address) ? address.replace(/^::ffff:(?=\d+\.)/i, '') : address;
}
