/** The tokens of a server. Reads the file again when it changes, so that other programs may add and remove tokens. */
import {statSync} from 'node:fs';
import {displayName} from '../../../protocol/display-text.ts';
import {isOutOfFiles, JangadaError, systemErrorCode} from '../../../protocol/errors.ts';
import {isSameProof} from '../../../protocol/login.ts';
import {readPrivateFile} from '../../../protocol/program/private-file.ts';
import {parseTokens, type Token} from '../../../protocol/program/tokens.ts';

export class TokenBook {
  readonly #file: string;
  readonly #onFault: (error: JangadaError) => void;
  #tokens: readonly Token[] = [];
  /** The state of the file whose tokens these are; undefined if the last reading failed. */
  #state: string | undefined;
  /** Why the last reading failed. */
  #fault: string | undefined;

  /**
   * @param onFault called when the file becomes unreadable, or for another reason; until it is readable again, no token is
   * valid. While this process has no descriptor to read it, the tokens stay as they were.
   * @throws JangadaError if the file is unreadable now, or has no token.
   */
  constructor(file: string, onFault: (error: JangadaError) => void) {
    this.#file = file;
    this.#onFault = onFault;
    this.#read();
    if (this.#tokens.length === 0) {
      throw new JangadaError(
        'bad_request',
        `The file '${displayName(file)}' has no token: write one token on each line`,
      );
    }
  }

  /** The first token that is valid for the whole root; undefined if there is none. */
  get first(): Token | undefined {
    return this.#valid().find(({folder}) => folder === '');
  }

  /**
   * The token whose proof equals `proof`; undefined if none matches. Compares with all tokens, so that the time does not
   * reveal which one it was.
   */
  match(proof: Buffer, proofOf: (token: string) => Buffer): Token | undefined {
    let match: Token | undefined;
    for (const token of this.#valid()) {
      if (isSameProof(proof, proofOf(token.token))) {
        match ??= token;
      }
    }

    return match;
  }

  /** Whether `token` is still valid, for the same folder as before. */
  isValid({folder, token}: Token): boolean {
    return this.#valid().some(other => other.token === token && other.folder === folder);
  }

  #valid(): readonly Token[] {
    try {
      this.#read();
    } catch (error) {
      this.#fail(error);
    }

    const now = Date.now();
    return this.#tokens.filter(({expiresMs}) => expiresMs === undefined || expiresMs > now);
  }

  #read(): void {
    const state = stateOf(this.#file);
    if (state !== this.#state) {
      this.#tokens = readTokens(this.#file);
      this.#state = state;
      this.#fault = undefined;
    }
  }

  /** The file could not be read. The next call reads it again, even if it has not changed: the fault may pass. */
  #fail(error: unknown): void {
    this.#state = undefined;
    if (!isOutOfFiles(error)) {
      this.#tokens = [];
    }

    const fault = error instanceof JangadaError ? error : unreadable(this.#file, error);
    if (fault.message !== this.#fault) {
      this.#fault = fault.message;
      this.#onFault(fault);
    }
  }
}

/** @throws JangadaError if the file is missing, unreadable, or readable by other users. */
export function readTokens(file: string): Token[] {
  const text = readPrivateFile(file);
  if (text === undefined) {
    throw missing(file);
  }

  try {
    return parseTokens(text);
  } catch (error) {
    throw error instanceof JangadaError
      ? new JangadaError(error.code, `'${displayName(file)}': ${error.message}`, {cause: error})
      : error;
  }
}

/** A string that differs when the file has changed. @throws JangadaError `not_found`; the error of the system. */
function stateOf(file: string): string {
  const stats = statSync(file, {throwIfNoEntry: false, bigint: true});
  if (stats === undefined) {
    throw missing(file);
  }

  return `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.mode}`;
}

function missing(file: string): JangadaError {
  return new JangadaError('not_found', `The token file '${displayName(file)}' does not exist`);
}

function unreadable(file: string, error: unknown): JangadaError {
  return new JangadaError(
    'local_io',
    `'${displayName(file)}' cannot be read (${systemErrorCode(error) ?? 'unknown error'})`,
    {cause: error},
  );
}
