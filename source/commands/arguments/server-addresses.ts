/** The servers that --server or JANGADA_SERVER names: the main server, and others with the same root. */
import {
  type Address,
  formatAddress,
  isSameServer,
  parseAddress,
  parseFingerprint,
} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';

const defaultServer = 'jangada://127.0.0.1:1234';

/** White space between two addresses; a path may contain white space, too. */
const wordsOfVariable = /(?<=\S)\s+(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** A client shares its connections among at most so many servers. */
const mostServers = 16;

export type Servers = {
  server: Address;
  others: readonly Address[];
  /** Whether the command line or the environment names the server. */
  isServerGiven: boolean;
};

/**
 * @param written the value of the option, as `joinServers` makes it.
 * @param isAsked whether the command takes files from the servers. If not, it is about the first server alone.
 * @throws JangadaError `usage`.
 */
export function readServers(
  written: string | undefined,
  variable: string | undefined,
  {isAsked}: {isAsked: boolean},
): Servers {
  const [text = defaultServer, option] =
    written === undefined ? [variable || undefined, 'JANGADA_SERVER'] : [written, '--server'];
  try {
    const [server, ...others] = addressesIn(
      option === '--server' ? serverWords(text) : text.split(wordsOfVariable),
    );
    if (!isAsked && others.length > 0 && written !== undefined) {
      throw usage(
        'This command is about one server: write --server once (a queue has the name of the first server)',
      );
    }

    return {
      server,
      others: isAsked ? others : [],
      isServerGiven: Boolean(written ?? variable),
    };
  } catch (error) {
    throw isJangadaError(error) && option === 'JANGADA_SERVER'
      ? new JangadaError('usage', `${option}: ${error.message}`, {cause: error})
      : error;
  }
}

/** No word of a command line can contain this character. */
const between = '\0';

/** Several addresses as one value of the option. */
export function joinServers(addresses: readonly string[]): string {
  return addresses.join(between);
}

/** The addresses in a value of the option. */
export function serverWords(written: string): string[] {
  return written.split(between);
}

/** Each server once. @throws JangadaError `usage` for too many servers, and for servers with different folders. */
function addressesIn([first = '', ...more]: readonly string[]): [Address, ...Address[]] {
  const server = parseAddress(first);
  const servers: [Address, ...Address[]] = [server];
  for (const word of more) {
    const other = parseAddress(word);
    if (other.path !== server.path) {
      throw usage(
        `${displayName(formatAddress(server))} and ${displayName(formatAddress(other))} name different folders. ` +
          'Several servers have to serve the same files: write the same folder behind each address',
      );
    }

    if (!servers.some(known => isSameServer(known, other))) {
      servers.push(other);
    }
  }

  if (servers.length > mostServers) {
    throw usage(`${servers.length} servers are too many: name at most ${mostServers}`);
  }

  return servers;
}

/**
 * The server that is asked in the end, with the value of --fingerprint.
 *
 * @throws JangadaError `usage` for a bad value, several servers, or a server without TLS.
 */
export function withFingerprint(
  {server, others}: Pick<Servers, 'server' | 'others'>,
  written: string | undefined,
): Address {
  if (written === undefined) {
    return server;
  }

  if (others.length > 0) {
    throw usage('--fingerprint is for one server. With several, write #sha256:HEX behind each');
  }

  const fingerprint = parseFingerprint(written);
  if (fingerprint === undefined) {
    throw usage(
      `Invalid value '${displayName(written)}' for --fingerprint: use sha256: and 64 hexadecimal digits`,
    );
  }

  if (server.scheme !== 'jangadas') {
    throw usage(
      `--fingerprint needs a server with TLS, and ${displayName(formatAddress(server))} has no TLS: write jangadas://`,
    );
  }

  return {...server, fingerprint};
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
