import {isIPv6} from 'node:net';
import {defaultPort, splitAddress} from '../../protocol/address.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {usage} from './values.ts';

/** The host and port from --port and from --host, which may also be an address as this program prints it. */
export function listenAt(
  host: string | undefined,
  port: number | undefined,
): {host: string; port: number} {
  if (host === undefined || isIPv6(host)) {
    return {host: host ?? '127.0.0.1', port: port ?? defaultPort};
  }

  const address = hostOption(host);
  if (port !== undefined && address.port !== undefined && port !== address.port) {
    throw usage(`--host says port ${address.port} and --port says ${port}: leave one of them out`);
  }

  return {host: address.host, port: port ?? address.port ?? defaultPort};
}

function hostOption(text: string): {host: string; port: number | undefined} {
  let address: ReturnType<typeof splitAddress>;
  try {
    address = splitAddress(text);
  } catch (error) {
    throw isJangadaError(error) ? usage(`--host: ${error.message}`) : error;
  }

  if (address.scheme === 'ssh') {
    throw usage(
      '--host is the address to listen at, not an ssh address; over ssh, clients start jangada-server --stdio themselves',
    );
  }

  if (address.encodedPath !== '') {
    throw usage(
      `--host is the address to listen at, without a folder; jangada-server DIR serves DIR`,
    );
  }

  return address;
}
