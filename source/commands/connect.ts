import {formatAddress} from '../../protocol/address.ts';
import {type ErrorCode, JangadaError} from '../../protocol/errors.ts';
import type {Client} from '../client/client.ts';

/**
 * Connect, so that a job does not begin without a server.
 *
 * @throws JangadaError `unreachable` (with what to check), `unauthorized`, `aborted`.
 */
export async function connect(client: Client, signal: AbortSignal): Promise<void> {
  try {
    await client.hello({signal});
  } catch (error) {
    if (!(error instanceof JangadaError) || saysItAll.has(error.code)) {
      throw error;
    }

    const {host, port} = client.address;
    throw new JangadaError(
      'unreachable',
      `No connection to ${formatAddress({host, port})}: ${error.message}. Check the address, and that jangada-server runs there`,
      {cause: error},
    );
  }
}

const saysItAll: ReadonlySet<ErrorCode> = new Set(['unreachable', 'unauthorized', 'aborted']);
