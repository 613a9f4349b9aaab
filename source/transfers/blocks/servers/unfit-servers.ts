/**
 * The servers of one root that are of no use for one file while it is fetched: they have another version of it, or
 * none, or their blocks came damaged. What they would have given comes from the others.
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
   * The server has failed with `error` when it was asked for the file.
   *
   * @param reason for people.
   * @returns whether it is left out from now on; else there is no other to take its place, or it may do better the next time.
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

  /** The others fetch what is left sooner than that server would. */
  tooSlow(server: Address): void {
    if (!this.has(server)) {
      this.#unfit.set(server, 'slow');
    }
  }

  /**
   * No other server is there any more.
   *
   * @returns why the file is to be begun again: then one of these may be asked after all. Undefined: all have sent damaged blocks.
   */
  noOther(): JangadaError | undefined {
    const may = this.#client.servers.there.some(server => {
      const why = this.#unfit.get(server);
      return why === 'different' || why === 'slow';
    });
    return may ? otherVersionAlone() : undefined;
  }

  /** The file is begun again: who had another version may have the right one by now. Who sent damaged blocks stays out. */
  lookAgain(): void {
    this.#forget('different');
    this.#forget('slow');
  }

  /** A server is lost: a slow one is better than none. */
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

/** The error that ends work for which there is another version of a file, and no server that has the one of before. */
export function otherVersionAlone(): JangadaError {
  return new JangadaError('changed', 'The servers that have this version of it do not answer');
}

/** Why a server is left out that has failed with `error`, for people. */
export function reasonOf(error: JangadaError): string {
  switch (error.code) {
    case 'changed':
      return 'it has another version of the file';
    case 'not_found':
      return 'it does not have the file';
    case 'digest_mismatch':
      return 'its blocks came damaged';
    default:
      return error.message;
  }
}
