/** Sends one request whose answer ends with a single frame. Progress frames or raw frames may precede it. */
import type {Buffer} from 'node:buffer';
import {JangadaError} from '../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../protocol/frame.ts';
import {
  type Answers,
  answerSchemas,
  decodePayload,
  type RequestName,
  type Requests,
} from '../../protocol/messages.ts';
import type {Connection} from './connection/connection.ts';

export type CallOptions = {
  /** Aborting it ends the call with `aborted`. */
  signal?: AbortSignal | undefined;
};

/** Bytes done, and the total if it is known. */
export type Progress = {done: number; total?: number | undefined};
export type StatEntry = Answers['entry'];

/** Frames that can end an answer. */
export type LastFrame = 'entry' | 'hashed' | 'pong' | 'end';

export type AskOptions = {
  onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Called with the payload of each frame of the kind `raw` (default: `digests`). Without `onRaw`, such a frame is an
   * error.
   */
  onRaw?: (payload: Buffer) => void;
  raw?: FrameKind;
};

/**
 * Send a request and wait for the frame `last`.
 *
 * @throws JangadaError the error of the server; `connection_lost`, `protocol`.
 */
export function ask<Name extends RequestName, Last extends LastFrame>(
  connection: Connection,
  name: Name,
  body: Requests[Name],
  last: Last,
  options: AskOptions,
): Promise<Answers[Last]> {
  return new Promise((resolve, reject) => {
    connection.request(name, body, {
      failed: reject,
      control: (kind, payload) => {
        if (kind === frameKinds[last]) {
          // TypeScript cannot see that the schema of `last` produces the answer of `last`.
          resolve(decodePayload(answerSchemas[last], payload, 'protocol') as Answers[Last]);
          return true;
        }

        if (kind === frameKinds.progress) {
          options.onProgress?.(decodePayload(answerSchemas.progress, payload, 'protocol'));
        } else if (kind === (options.raw ?? frameKinds.digests) && options.onRaw !== undefined) {
          options.onRaw(payload);
        } else {
          throw new JangadaError(
            'protocol',
            `The server answered ${name} with a frame of another request`,
          );
        }

        return false;
      },
    });
  });
}
