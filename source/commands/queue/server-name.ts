/** The names of servers in the queue. */
import {type Address, formatAddress, parseAddress, serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import type {Options} from '../arguments/option-values.ts';

/** The server that --server names; undefined: all servers. */
export function chosenServer({server, written}: Options): string | undefined {
  return written.server === undefined ? undefined : serverName(server);
}

/** The address of the server called `name`. @throws JangadaError `usage` if `name` is not the name of a server. */
export function serverAddress(name: string): Address {
  try {
    return parseAddress(name);
  } catch (error) {
    throw isJangadaError(error)
      ? new JangadaError(
          'usage',
          `The queue names the server '${displayName(name)}', which is not an address`,
          {
            cause: error,
          },
        )
      : error;
  }
}

/** The value of --server for the server called `name`; a name that is not an address stays as it is. */
export function serverText(name: string): string {
  try {
    return formatAddress(serverAddress(name));
  } catch {
    return name;
  }
}
