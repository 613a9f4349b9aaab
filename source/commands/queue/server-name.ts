/** Servers as the queue names them: `host:port`. */
import {type Address, formatAddress, parseAddress} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Options} from '../arguments/option-values.ts';

/** The name of the server at `address` in the queue. */
export function serverName({host, port}: Pick<Address, 'host' | 'port'>): string {
  return `${host}:${port}`;
}

/** The server that --server names; undefined: all of them. */
export function chosenServer({server, written}: Options): string | undefined {
  return written.server === undefined ? undefined : serverName(server);
}

/** The address of the server called `name`. @throws JangadaError `usage` if that is no name. */
export function serverAddress(name: string): Address {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(name) ?? [];
  if (host === '') {
    throw new JangadaError(
      'usage',
      `The queue names a server '${displayName(name)}': that is none`,
    );
  }

  return parseAddress(formatAddress({host, port: Number(port)}));
}

/** The value of --server for the server called `name`; a name that is no address stays as it is. */
export function serverText(name: string): string {
  try {
    return formatAddress(serverAddress(name));
  } catch {
    return name;
  }
}
