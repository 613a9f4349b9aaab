/** The servers that --server or JANGADA_SERVER names: the main one, and further ones of the same root. */
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

/** White space between two addresses; in a path it may stand, too. */
const wordsOfVariable = /(?<=\S)\s+(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** As many as a client is meant to share its connections among. */
const mostServers = 16;

export type Servers = {
  server: Address;
  others: readonly Address[];
  /** Whether somebody has said which, on the command line or in the environment. */
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
  {fingerprint, isAsked}: {fingerprint: string | undefined; isAsked: boolean},
): Servers {
  const [text = defaultServer, option] =
    written === undefined ? [variable || undefined, 'JANGADA_SERVER'] : [written, '--server'];
  try {
    const [server, ...others] = addressesIn(
      option === '--server' ? serverWords(text) : text.split(wordsOfVariable),
    );
    if (fingerprint !== undefined && others.length > 0) {
      throw usage('--fingerprint is for one server. With several, write #sha256:HEX behind each');
    }

    if (!isAsked && others.length > 0 && written !== undefined) {
      throw usage(
        'This command is about one server: write --server once (a queue has the name of the first server)',
      );
    }

    return {
      server: withFingerprint(server, fingerprint),
      others: isAsked ? others : [],
      isServerGiven: Boolean(written ?? variable),
    };
  } catch (error) {
    throw isJangadaError(error) && option === 'JANGADA_SERVER'
      ? new JangadaError('usage', `${option}: ${error.message}`, {cause: error})
      : error;
  }
}

/** A word of a command line has everything but this sign. */
const between = '\0';

/** Several addresses as one value of the option. */
export function joinServers(addresses: readonly string[]): string {
  return addresses.join(between);
}

/** The addresses in a value of the option. */
export function serverWords(written: string): string[] {
  return written.split(between);
}

/** Each server once. @throws JangadaError `usage` for too many, and for those that do not begin in one folder. */
function addressesIn([first = '', ...more]: readonly string[]): [Address, ...Address[]] {
  const server = parseAddress(first);
  const servers: [Address, ...Address[]] = [server];
  for (const word of more) {
    const other = parseAddress(word);
    if (other.path !== server.path) {
      throw usage(
        `${displayName(formatAddress(server))} and ${displayName(formatAddress(other))} do not name the same folder. ` +
          'Several servers have one root: write the same folder behind each address',
      );
    }

    if (!servers.some(known => isSameServer(known, other))) {
      servers.push(other);
    }
  }

  if (servers.length > mostServers) {
    throw usage(`There are ${servers.length} servers, and ${mostServers} at most can be used`);
  }

  return servers;
}

function withFingerprint(server: Address, written: string | undefined): Address {
  if (written === undefined) {
    return server;
  }

  const fingerprint = parseFingerprint(written);
  if (fingerprint === undefined) {
    throw usage(
      `Invalid value '${displayName(written)}' for --fingerprint: use sha256: and 64 hexadecimal digits`,
    );
  }

  if (server.scheme !== 'jangadas') {
    throw usage(
      `--fingerprint is for a server with TLS, and ${displayName(formatAddress(server))} is none: write jangadas://`,
    );
  }

  return {...server, fingerprint};
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
