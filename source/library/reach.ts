/** The server and the path that a function of the library is told: one address, or a path and a server. */
import {type Address, parseAddress, schemeOf} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {
  baseName,
  joinRemotePath,
  parseRemotePath,
  type RemotePath,
} from '../../protocol/remote-path.ts';
import {Client} from '../client/client.ts';

/**
 * A server: its address, below whose folder paths are then meant, or a client that is connected to it, which stays the
 * caller's; paths are meant below the root of its server, as in its own calls.
 */
export type Server = string | Client;

/** How often a lost connection is tried again by clients that are made here. */
const retries = 10;

export class Reached implements AsyncDisposable {
  readonly client: Client;
  readonly path: RemotePath;
  /** Whether the client was made here, and ends with this. */
  readonly isOwn: boolean;

  /**
   * @param remote an address with the path of a file, or that path alone if there is a `server`.
   * @throws JangadaError `usage`, `bad_request` for a path that leads out of the root.
   */
  constructor(remote: string, server: Server | undefined) {
    if (server !== undefined && schemeOf(remote) !== undefined) {
      const name = displayName(remote);
      throw new JangadaError(
        'usage',
        `'${name}' is an address, and \`server\` is one more: give one`,
      );
    }

    this.isOwn = !(server instanceof Client);
    if (server instanceof Client) {
      this.client = server;
      this.path = named(parseRemotePath(remote));
      return;
    }

    const {path, ...address} = server === undefined ? fileIn(remote) : below(server, remote);
    this.path = named(path);
    this.client = ownClient({...address, path});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isOwn) {
      await this.client[Symbol.asyncDispose]();
    }
  }
}

/** A client that outlives a connection that is lost. */
export function ownClient(address: Address): Client {
  return new Client(address, {retries});
}

function below(server: string, remote: string): Address {
  const address = parseAddress(server);
  return {...address, path: joinRemotePath(address.path, remote)};
}

/** The address of a file. Over ssh its folder is what is served. */
function fileIn(remote: string): Address {
  if (schemeOf(remote) === undefined) {
    throw new JangadaError(
      'usage',
      `'${displayName(remote)}' has no server: write jangada://HOST:PORT/PATH, or give a \`server\``,
    );
  }

  const address = parseAddress(remote);
  if (address.scheme !== 'ssh') {
    return address;
  }

  const [, folder = '', name = ''] = /^(.*\/)([^/]+)$/s.exec(address.root) ?? [];
  const root = folder === './' ? '.' : folder.replace(/(?<=.)\/$/, '');
  return {...address, root, path: parseRemotePath(name)};
}

function named(path: RemotePath): RemotePath {
  if (baseName(path) === '') {
    throw new JangadaError('usage', 'There is no path of a file: it stands behind the server');
  }

  return path;
}
