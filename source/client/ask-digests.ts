/** The block digests of one file. The server sends them in any number of frames. */
import {Buffer} from 'node:buffer';
import {digestSize} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {Requests} from '../../protocol/messages.ts';
import {ask, type Progress} from './ask.ts';
import type {Connection} from './connection/connection.ts';

export type Digests = {
  /** 32 bytes for each requested block. */
  digests: Buffer;
  size: number;
  /** Milliseconds since 1970. Undefined from an older server, which does not send it. */
  mtimeMs: number | undefined;
  version: string;
  /** Root digest in hex. Set if the server knew it, and always for an empty range. */
  root: string | undefined;
};

export type DigestListener = {
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with digests as they arrive: 32 bytes for each complete digest, for the blocks from `first` on. */
  onDigests?: ((first: number, digests: Buffer) => void) | undefined;
};

/** Most bytes of digests in one answer: a file of 4 TiB, the largest that a server serves. */
const maxDigestBytes = 4_194_304 * digestSize;

/**
 * Ask for the digests of a range of blocks.
 *
 * @throws JangadaError the error of the server; `connection_lost`; `protocol` if the server sends too many digests or
 * an incomplete one.
 */
export async function askDigests(
  connection: Connection,
  body: Requests['digests'],
  {onProgress, onDigests}: DigestListener,
): Promise<Digests> {
  const {from = 0, to} = body;
  const most = to === undefined ? maxDigestBytes : (to - from) * digestSize;
  const parts: Buffer[] = [];
  let received = 0;
  const {size, mtimeMs, version, root} = await ask(connection, 'digests', body, 'end', {
    onProgress,
    onRaw: payload => {
      received += payload.length;
      if (received > most) {
        throw new JangadaError('protocol', 'The server sent more digests than it was asked for');
      }

      const part = Buffer.from(payload);
      parts.push(part);
      onDigests?.(from + Math.floor((received - part.length) / digestSize), part);
    },
  });
  const digests = Buffer.concat(parts);
  if (size === undefined || version === undefined || digests.length % digestSize !== 0) {
    throw new JangadaError('protocol', 'The server sent invalid digests');
  }

  return {digests, size, mtimeMs, version, root};
}
