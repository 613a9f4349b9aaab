/** The places that a search could not read: their number, and the first of them by name. */
import {Buffer} from 'node:buffer';
import {
  JangadaError,
  systemErrorCode,
  type WireErrorCode,
  wireCodeOf,
} from '../../../../protocol/errors.ts';
import {maxUnsearched, type Unsearched} from '../../../../protocol/messages.ts';
import {pathToWire, type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import {storeError} from '../../store-errors.ts';

/** The most bytes of the names as JSON, so that the whole `end` fits into a frame. */
const mostNameBytes = 131_072;

/** The most places to remember, so that each is counted once. */
const mostRemembered = 100_000;

export class UnsearchedPlaces {
  readonly #known = new Set<RemotePath>();
  readonly #named: Unsearched['first'] = [];
  #nameBytes = 0;
  #count = 0;
  #baseError: JangadaError | undefined;

  get found(): Unsearched {
    return {count: this.#count, first: this.#named};
  }

  /** The error if the searched folder itself is unreadable; then the search has failed. */
  get baseError(): JangadaError | undefined {
    return this.#baseError;
  }

  /** Count the file or folder at `path`, under the base, which is unreadable because of `cause`. */
  add(path: RemotePath, cause: unknown): void {
    const error = storeError(cause, path);
    const code = codeOf(error);
    if (path === rootPath && code !== 'too_large') {
      this.#baseError ??= error;
    }

    if (this.#known.has(path)) {
      return;
    }

    if (this.#known.size < mostRemembered) {
      this.#known.add(path);
    }

    this.#count++;
    const bytes = Buffer.byteLength(JSON.stringify(pathToWire(path)));
    if (this.#named.length < maxUnsearched && this.#nameBytes + bytes <= mostNameBytes) {
      this.#named.push({name: path, code});
      this.#nameBytes += bytes;
    }
  }

  /** Count the folder at `path`, whose content has paths that are too deep or too long. */
  addTooDeep(path: RemotePath): void {
    this.add(path, new JangadaError('too_large', 'The paths of the content are too long'));
  }
}

function codeOf(error: JangadaError): WireErrorCode {
  // A path within the limits of the protocol may still be too long for the operating system.
  return systemErrorCode(error.cause) === 'ENAMETOOLONG' ? 'too_large' : wireCodeOf(error);
}
