import {formatAddress} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {type ErrorCode, JangadaError} from '../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import type {Client} from '../client/client.ts';
import {CertificateError} from '../client/connection/certificate-error.ts';
import {formatDuration} from './format.ts';
import type {CommandOutput} from './results/output.ts';

/**
 * Connect, so that a job does not begin without a server.
 *
 * @param options.ahead A file to ask for at once; see `Client.hello`.
 * @throws JangadaError `unreachable` (with the server's own words if it has sent some), `unauthorized`, `untrusted`,
 * `local_io`, `usage`, `aborted`.
 */
export async function connect(
  client: Client,
  signal: AbortSignal,
  options: {ahead?: RemotePath} = {},
): Promise<void> {
  try {
    await client.login({signal});
    await greet(client, {...options, signal});
    client.trust?.connected?.(client.address);
  } catch (error) {
    if (!(error instanceof JangadaError) || saysItAll.has(error.code)) {
      throw error;
    }

    // Something answered there: the address is right, and what it said is all that there is to say.
    throw new JangadaError(
      'unreachable',
      `No connection to ${formatAddress({...client.address, path: rootPath})}: ${error.message}`,
      {cause: error},
    );
  }
}

/** Be greeted; if need be, after somebody has said that the server is the one that is meant. */
async function greet(
  client: Client,
  options: {signal: AbortSignal; ahead?: RemotePath},
): Promise<void> {
  try {
    await client.hello(options);
  } catch (error) {
    const isConfirmed =
      error instanceof CertificateError && (await client.trust?.confirm?.(error, options.signal));
    if (isConfirmed !== true) {
      throw error;
    }

    await client.hello(options);
  }
}

/** Tell when the connection was lost and is tried again. @returns a function that ends it. */
export function tellOfLink(client: Pick<Client, 'onLink'>, output: CommandOutput): () => void {
  return client.onLink(link => {
    if (link.name === 'waiting') {
      const again = `Trying again in ${formatDuration(link.retryInMs)}`;
      output.notice(`jangada: ${displayName(link.reason)}. ${again}`);
    }
  });
}

const saysItAll: ReadonlySet<ErrorCode> = new Set([
  'unreachable',
  'unauthorized',
  'untrusted',
  'local_io',
  'usage',
  'usage',
  'aborted',
]);
