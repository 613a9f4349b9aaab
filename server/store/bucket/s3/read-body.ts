/** Reads the body of an answer, up to a limit. */
import {Buffer} from 'node:buffer';
import type {IncomingMessage} from 'node:http';
import {connectionError, odd} from './s3-errors.ts';

/**
 * All bytes of the body.
 *
 * @param alive called when bytes arrive.
 * @throws JangadaError `busy` if the body is truncated, `internal` if it is longer than `most`.
 */
export async function readAll(
  response: IncomingMessage,
  most: number,
  alive: () => void,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  await eachPart(response, part => {
    alive();
    parts.push(part);
    length += part.length;
    if (length > most) {
      throw odd(`it is longer than ${most} bytes`);
    }
  });
  return Buffer.concat(parts);
}

/**
 * Fill `into` with the body, which must have exactly that length.
 *
 * @param progress called with the number of received bytes.
 * @throws JangadaError `busy` if the body is truncated, `internal` if it is longer.
 */
export async function readExactly(
  response: IncomingMessage,
  into: Buffer,
  progress: (bytes: number) => void,
): Promise<void> {
  let filled = 0;
  await eachPart(response, part => {
    if (filled + part.length > into.length) {
      throw odd('it has more bytes than the server asked for');
    }

    part.copy(into, filled);
    filled += part.length;
    progress(filled);
  });
  if (filled < into.length) {
    throw connectionError(new Error(`the answer ended after ${filled} of ${into.length} bytes`));
  }
}

/** Avoids the cost of an async iterator: a fast service sends thousands of parts a second. */
function eachPart(response: IncomingMessage, take: (part: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    response.on('data', (part: Buffer) => {
      try {
        take(part);
      } catch (error) {
        reject(error);
        response.destroy();
      }
    });
    response.once('end', resolve);
    response.once('error', error => reject(connectionError(error)));
    response.once('close', () => reject(connectionError(new Error('the answer was cut'))));
  });
}
