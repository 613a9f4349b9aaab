import {type NetworkInterfaceInfo, networkInterfaces} from 'node:os';
import {formatAddress, formatSharedAddress} from '../../protocol/address.ts';
import type {Door} from './door.ts';

/** The address for a client: with the fingerprint if the door has TLS, and with a token if the door shows one. */
export function sharedAddress(host: string, port: number, {showsToken, tls, tokens}: Door): string {
  const place = {host: reachableHost(host), port};
  return tls === undefined
    ? formatAddress({scheme: 'jangada', ...place})
    : formatSharedAddress({
        scheme: 'jangadas',
        ...place,
        fingerprint: tls.fingerprint,
        token: showsToken === true ? tokens?.first?.token : undefined,
      });
}

/** `host`; if that means all addresses of this machine, one address that other machines can reach. */
function reachableHost(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') {
    return host;
  }

  const addresses = ownAddresses().filter(
    ({internal, address}) => !internal && !/^fe80:/i.test(address),
  );
  const ipv4 = addresses.find(({family}) => family === 'IPv4');
  return (ipv4 ?? (host === '::' ? addresses[0] : undefined))?.address ?? host;
}

/** The addresses of this machine; none if the system hides them, as a sandbox without netlink sockets does. */
function ownAddresses(): NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap(list => list ?? []);
  } catch {
    return [];
  }
}
