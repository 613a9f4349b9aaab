/** The body of an answer, with a bound. */
import {Buffer} from 'node:buffer';
import type {IncomingMessage} from 'node:http';
import {connectionError, odd} from './s3-errors.ts';

/**
 * All bytes of the body.
 *
 * @param alive is called when some have come.
 * @throws JangadaError `busy` if it is cut, `internal` if it is longer than `most`.
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
 * Fill `into` with the body, which has to have so many bytes.
 *
 * @param progress is told how many have come.
 * @throws JangadaError `busy` if it is cut, `internal` if it is longer.
 */
export async function readExactly(
  response: IncomingMessage,
  into: Buffer,
  progress: (bytes: number) => void,
): Promise<void> {
  let filled = 0;
  await eachPart(response, part => {
    if (filled + part.length > into.length) {
      throw odd('it has more bytes than were asked for');
    }

    part.copy(into, filled);
    filled += part.length;
    progress(filled);
  });
  if (filled < into.length) {
    throw connectionError(new Error(`the answer ended after ${filled} of ${into.length} bytes`));
  }
}

/** Without the cost of an async iterator: a fast service sends thousands of parts a second. */
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
