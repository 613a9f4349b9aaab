import {formatAddress, serverName, type TlsServer} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {type ErrorCode, isTransient, JangadaError, throwIfAborted} from '../../protocol/errors.ts';
import {rootPath} from '../../protocol/remote-path.ts';
import type {Client} from '../client/client.ts';
import type {AheadOptions} from '../client/client-options.ts';
import {CertificateError} from '../client/connection/certificate-error.ts';
import type {Trust} from '../client/connection/identity.ts';
import {newsSentence} from '../client/servers/server-news.ts';
import {formatDuration} from './format.ts';
import type {CommandOutput} from './results/output.ts';
import {unlessStopped} from './transfer/unless-stopped.ts';

/**
 * Connect, so that a job does not begin without a server.
 *
 * @param options what to request at once; see `Client.hello`.
 * @throws JangadaError `unreachable` (with the server's own words if it has sent some), `unauthorized`, `untrusted`,
 * `local_io`, `usage`, `aborted`.
 */
export async function connect(
  client: Client,
  signal: AbortSignal,
  options: AheadOptions = {},
): Promise<void> {
  try {
    await client.login({signal});
    if (client.servers.isSeveral) {
      await introduce(client, signal);
    }

    await greet(client, {...options, signal});
    for (const address of client.servers.connected) {
      client.trust?.connected?.(address);
    }
  } catch (error) {
    if (client.servers.isSeveral && isTransient(error)) {
      throw noneAnswers(client, error);
    }

    if (!(error instanceof JangadaError) || saysItAll.has(error.code)) {
      throw error;
    }

    // The server answered, so the address is right, and its own words explain the failure.
    throw new JangadaError(
      'unreachable',
      `No connection to ${formatAddress({...client.address, path: rootPath})}: ${error.message}`,
      {cause: error},
    );
  }
}

/**
 * Settle the identity of each of several servers, as far as a user has to confirm it, and remember what the addresses
 * say of them. A server that does not answer, or that the user does not confirm, is left out later, when it is needed,
 * with the reason.
 *
 * @throws JangadaError `aborted`, `local_io`.
 */
async function introduce(client: Client, signal: AbortSignal): Promise<void> {
  const {trust} = client;
  for (const server of client.servers.addresses) {
    if (server.scheme !== 'jangadas' || !isNews(server, trust)) {
      continue;
    }

    const error = await unlessStopped(client.reach(server), signal);
    throwIfAborted(signal);
    if (error instanceof CertificateError && (await trust?.confirm?.(error, signal))) {
      await unlessStopped(client.reach(server), signal);
    }

    throwIfAborted(signal);
  }
}

/** Whether nothing is known of `server`, or its address differs from what is known. */
function isNews(server: TlsServer, trust: Trust | undefined): boolean {
  const {fingerprint = trust?.fingerprintFor(server), token = trust?.tokenFor(server)} = server;
  return (
    (fingerprint ?? token) === undefined ||
    fingerprint !== trust?.fingerprintFor(server) ||
    token !== trust?.tokenFor(server)
  );
}

function noneAnswers({servers}: Client, cause: unknown): JangadaError {
  const each = servers.all.map(
    ({address, trouble}) => `${serverName(address)} (${trouble?.brief ?? 'not asked'})`,
  );
  // A server that is full has answered, so its address is right.
  const areFull = servers.all.every(({trouble}) => trouble?.code === 'busy');
  const advice = areFull ? '' : '. Check the addresses, and that jangada-server runs there';
  return new JangadaError(
    'unreachable',
    `No connection to any of the servers: ${displayName(each.join(', '))}${advice}`,
    {cause},
  );
}

/** Greet the server; if need be, ask the user first to confirm its certificate. */
async function greet(client: Client, options: AheadOptions & {signal: AbortSignal}): Promise<void> {
  try {
    await client.hello(options);
  } catch (error) {
    const isConfirmed =
      error instanceof CertificateError &&
      !client.servers.isSeveral &&
      (await client.trust?.confirm?.(error, options.signal));
    if (isConfirmed !== true) {
      throw error;
    }

    await client.hello(options);
  }
}

/** Print a notice when the connection is lost and tried again. @returns a function that ends it. */
export function tellOfLink(client: Pick<Client, 'onLink'>, output: CommandOutput): () => void {
  return client.onLink(link => {
    if (link.name === 'waiting') {
      const again = `Trying again in ${formatDuration(link.retryInMs)}`;
      output.notice(`jangada: ${displayName(link.reason)}. ${again}`);
    }
  });
}

/**
 * Print notices about the servers of a client that has several. That a server cannot serve a file is printed once for
 * each error code: it may be so for thousands of files, and the words of an error may differ each time.
 */
export function tellOfServers(
  client: Pick<Client, 'servers'>,
  output: Pick<CommandOutput, 'notice'>,
): void {
  const told = new Set<string>();
  client.servers.onNews(news => {
    const about = news.name === 'unfit' ? `${serverName(news.server)} ${news.code}` : undefined;
    if (about !== undefined && told.has(about)) {
      return;
    }

    const more = about === undefined ? '' : '. Other files with the same problem are not named';
    output.notice(`jangada: ${newsSentence(news)}${more}`);
    if (about !== undefined) {
      told.add(about);
    }
  });
}

const saysItAll: ReadonlySet<ErrorCode> = new Set([
  'unreachable',
  'unauthorized',
  'untrusted',
  'local_io',
  'usage',
  'aborted',
]);
