/**
 * The servers of one root that cannot be used for one file during its download: they have another version of it, do not
 * have it, or sent damaged blocks. The other servers send their part.
 */
import type {Address} from '../../../../protocol/address.ts';
import {isJangadaError, isTransient, JangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';

export class UnfitServers {
  readonly #client: Pick<Client, 'servers'>;
  readonly #remotePath: RemotePath;
  readonly #unfit = new Map<Address, 'damaged' | 'different' | 'slow'>();

  constructor(client: Pick<Client, 'servers'>, remotePath: RemotePath) {
    this.#client = client;
    this.#remotePath = remotePath;
  }

  has(server: Address): boolean {
    return this.#unfit.has(server);
  }

  /**
   * The server failed with `error` when it was asked for the file.
   *
   * @param reason text for the user.
   * @returns whether the server is left out from now on; false if no other server can replace it, or if it may succeed
   * next time.
   */
  leftOut(server: Address, error: unknown, reason?: string): boolean {
    if (!isJangadaError(error) || error.code === 'aborted' || isTransient(error)) {
      return false;
    }

    if (!this.#client.servers.there.some(other => other !== server && !this.has(other))) {
      return false;
    }

    if (!this.has(server)) {
      const isDamaged = isJangadaError(error, 'digest_mismatch', 'unexpected');
      this.#unfit.set(server, isDamaged ? 'damaged' : 'different');
      this.#client.servers.tellUnfit(
        server,
        this.#remotePath,
        error.code,
        reason ?? reasonOf(error),
      );
    }

    return true;
  }

  /** The other servers fetch the remaining blocks sooner than this server would. */
  tooSlow(server: Address): void {
    if (!this.has(server)) {
      this.#unfit.set(server, 'slow');
    }
  }

  /**
   * No usable server is there any more.
   *
   * @returns an error that makes the file begin again, so that servers with another version or slow ones may be used;
   * undefined if all have sent damaged blocks.
   */
  noOther(): JangadaError | undefined {
    const may = this.#client.servers.there.some(server => {
      const why = this.#unfit.get(server);
      return why === 'different' || why === 'slow';
    });
    return may ? otherVersionAlone() : undefined;
  }

  /**
   * The file begins again: a server that had another version may have the right one now. A server that sent damaged
   * blocks stays out.
   */
  lookAgain(): void {
    this.#forget('different');
    this.#forget('slow');
  }

  /** A server was lost: a slow one is better than none. */
  takeSlow(): void {
    this.#forget('slow');
  }

  #forget(why: 'different' | 'slow'): void {
    for (const [server, known] of this.#unfit) {
      if (known === why) {
        this.#unfit.delete(server);
      }
    }
  }
}

/** The error that ends work if only servers with another version of the file are left. */
export function otherVersionAlone(): JangadaError {
  return new JangadaError(
    'changed',
    'The servers that have this version of the file do not answer',
  );
}

/** Says why a server that failed with `error` is left out, for the user. */
export function reasonOf(error: JangadaError): string {
  switch (error.code) {
    case 'changed':
      return 'it has another version of the file';
    case 'not_found':
      return 'it does not have the file';
    case 'digest_mismatch':
      return 'its blocks arrived damaged';
    default:
      return error.message;
  }
}
