import {isIPv6} from 'node:net';
import {displayName} from '../protocol/display-text.ts';

/** The people and programs that can reach a server, in plain words. */
export type Audience = {
  /** Whether programs on other machines can, which need neither a password nor permission. */
  isOpen: boolean;
  text: string;
};

/** @param address the IP address that the server listens on. */
export function audienceOf(address: string): Audience {
  const plain = isIPv6(address) ? address.replace(/^::ffff:(?=\d+\.)/i, '') : address;
  if (/^127\.|^::1(?:%.*)?$/.test(plain)) {
    return {isOpen: false, text: 'programs on this machine alone'};
  }

  const where = plain === '0.0.0.0' || plain === '::' ? 'this machine' : displayName(address);
  return {
    isOpen: true,
    text: `everybody who can reach ${where}, without a password or encryption`,
  };
}
