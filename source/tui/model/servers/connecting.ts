/**
 * The work for which the screen of servers waits: connecting to a server, or closing the server that was left. Keys
 * that are pressed meanwhile wait, too.
 */
import {type Address, serverName} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {CertificateError} from '../../../client/connection/certificate-error.ts';
import type {Session, Sessions} from '../../../servers/sessions.ts';
import type {Key} from '../../terminal/key.ts';
import {say, sentence} from '../../text/say.ts';
import type {Repainter} from '../repainter.ts';

/** A connected server, and the keys that were pressed for it before it was connected. */
export type Connected = {
  readonly session: Session;
  readonly path: RemotePath;
  readonly keys: readonly Key[];
};

/** The server that could not be opened, or not closed without a fault, and the reason in a sentence or two. */
export type Failure = {
  readonly address: Address;
  readonly text: DisplayText;
  /** Whether Enter can try again. */
  readonly isToOpen: boolean;
  /** The certificate that the server showed, if it is not known here. */
  readonly certificate?: CertificateError | undefined;
};

type Work = {
  readonly name: 'connecting' | 'leaving';
  readonly address: Address;
  readonly stop: AbortController;
  readonly held: Key[];
};

export class Connecting {
  readonly #sessions: Pick<Sessions, 'connect' | 'end'>;
  readonly #repainter: Repainter;
  #work: Work | undefined;
  #failure: Failure | undefined;

  constructor(sessions: Pick<Sessions, 'connect' | 'end'>, repainter: Repainter) {
    this.#sessions = sessions;
    this.#repainter = repainter;
  }

  get work(): Work | undefined {
    return this.#work;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Resolves once the server is connected; with undefined if that failed, or the user gave up. */
  async connect(address: Address): Promise<Connected | undefined> {
    const work = this.#begin('connecting', address);
    try {
      const session = await this.#sessions.connect(address, work.stop.signal);
      return {session, path: address.path, keys: work.held};
    } catch (error) {
      if (!work.stop.signal.aborted) {
        this.#fail(error, address, true);
      }

      return undefined;
    } finally {
      this.#end(work);
    }
  }

  /** Resolves once the server at `address` is closed, with the keys that were pressed meanwhile. */
  async leave(address: Address): Promise<readonly Key[]> {
    const work = this.#begin('leaving', address);
    try {
      await this.#sessions.end();
    } catch (error) {
      this.#fail(error, address, false);
    } finally {
      this.#end(work);
    }

    return work.held;
  }

  /** Stop connecting, and forget the keys that wait. @returns whether anything was stopped. */
  giveUp(): boolean {
    const work = this.#work;
    if (work?.name !== 'connecting') {
      return false;
    }

    work.stop.abort();
    this.#end(work);
    return true;
  }

  hold(key: Key): void {
    // A second Enter, pressed while the first one still connects, is not meant for a folder.
    if (key.name !== 'enter' || this.#work?.held.length !== 0) {
      this.#work?.held.push(key);
    }
  }

  /** @returns whether a failure was on the screen. */
  dropFailure(): boolean {
    const had = this.#failure !== undefined;
    this.#failure = undefined;
    this.#repainter.now();
    return had;
  }

  close(): void {
    this.#work?.stop.abort();
  }

  #begin(name: Work['name'], address: Address): Work {
    const work: Work = {name, address, stop: new AbortController(), held: []};
    this.#work = work;
    this.#failure = undefined;
    this.#repainter.now();
    return work;
  }

  #end(work: Work): void {
    if (this.#work === work) {
      this.#work = undefined;
      this.#repainter.now();
    }
  }

  #fail(error: unknown, address: Address, isToOpen: boolean): void {
    if (!isJangadaError(error)) {
      throw error;
    }

    const server = displayName(serverName(address));
    const words = displayName(error.message);
    const text = words.includes(server) ? words : say`${server}: ${words}`;
    const isNew = error instanceof CertificateError && error.expected === undefined;
    this.#failure = {
      address,
      text: sentence(text),
      isToOpen,
      certificate: isNew ? error : undefined,
    };
  }
}
