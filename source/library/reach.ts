/** Turns the arguments of a library function into a server and a path: one address, or a path and a server. */
import {type Address, parseAddress, schemeOf, withoutToken} from '../../protocol/address.ts';
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
 * A server: its address, to whose folder paths are then relative; or a connected client, which stays the caller's, with
 * paths relative to the root of its server, as in its own calls.
 */
export type Server = string | Client;

/** How often clients that are made here try a lost connection again. */
const retries = 10;

export class Reached implements AsyncDisposable {
  readonly client: Client;
  readonly path: RemotePath;
  /** Whether the client was made here; then it is closed with this object. */
  readonly isOwn: boolean;

  /**
   * @param remote an address with the path of a file, or only that path if there is a `server`.
   * @throws JangadaError `usage`, `bad_request` for a path that leads out of the root.
   */
  constructor(remote: string, server: Server | undefined) {
    if (server !== undefined && schemeOf(remote) !== undefined) {
      const name = displayName(withoutToken(remote));
      throw new JangadaError(
        'usage',
        `'${name}' is an address, and \`server\` is set, too: give only one of them`,
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

/** A client that reconnects when its connection is lost. */
export function ownClient(address: Address): Client {
  return new Client(address, {retries});
}

function below(server: string, remote: string): Address {
  const address = parseAddress(server);
  return {...address, path: joinRemotePath(address.path, remote)};
}

/** The address of a file. Over ssh the served folder is the folder of the file. */
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
    throw new JangadaError(
      'usage',
      'The address has no path of a file: write it behind the server, as in jangada://HOST:PORT/PATH',
    );
  }

  return path;
}
