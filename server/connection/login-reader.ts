import {Buffer} from 'node:buffer';
import {JangadaError} from '../../protocol/errors.ts';
import {frameKinds, headerSize} from '../../protocol/frame.ts';
import {maxLoginPayload} from '../../protocol/login.ts';

/** Reads the one `login` frame of a client, and nothing else: before the login, a client gets no memory. */
export class LoginReader {
  #bytes = Buffer.alloc(0);

  /**
   * Take bytes. @returns the payload once the frame is complete, and undefined before.
   *
   * @throws JangadaError `unauthorized` for any other frame; `bad_request` for a frame that is too large, and
   * for bytes after it, which a client must not send before it has the answer.
   */
  receive(bytes: Buffer): Buffer | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#bytes.length < headerSize) {
      return undefined;
    }

    if (this.#bytes[4] !== frameKinds.login) {
      throw new JangadaError(
        'unauthorized',
        'This server needs a token: log in before the first request',
      );
    }

    const length = this.#bytes.readUInt32BE(0);
    if (length > maxLoginPayload || this.#bytes.length > headerSize + length) {
      throw new JangadaError('bad_request', 'The login is not valid, or more bytes follow it');
    }

    const payload = this.#bytes.subarray(headerSize);
    return payload.length === length ? payload : undefined;
  }
}
