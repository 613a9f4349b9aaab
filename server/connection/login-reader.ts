import {Buffer} from 'node:buffer';
import {JangadaError} from '../../protocol/errors.ts';
import {frameKinds, headerSize} from '../../protocol/frame.ts';
import {maxLoginPayload} from '../../protocol/login.ts';

/** Reads the one `login` frame that a client owes, and nothing else: it has no right to memory yet. */
export class LoginReader {
  #bytes = Buffer.alloc(0);

  /**
   * Take bytes. @returns the payload of the frame once all of it is there, and undefined before.
   *
   * @throws JangadaError `unauthorized` for any other frame; `bad_request` for one that is too large, and
   * for bytes behind it, which a client does not send before it has the answer.
   */
  receive(bytes: Buffer): Buffer | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#bytes.length < headerSize) {
      return undefined;
    }

    if (this.#bytes[4] !== frameKinds.login) {
      throw new JangadaError('unauthorized', 'A token is needed: nothing is read before a login');
    }

    const length = this.#bytes.readUInt32BE(0);
    if (length > maxLoginPayload || this.#bytes.length > headerSize + length) {
      throw new JangadaError('bad_request', 'The login cannot be read, or more bytes follow it');
    }

    const payload = this.#bytes.subarray(headerSize);
    return payload.length === length ? payload : undefined;
  }
}
