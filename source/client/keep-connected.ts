/** Opens the last connection again when it is lost, for programs that somebody looks at. */
import {isJangadaError} from '../../protocol/errors.ts';
import {backOffMs, pause} from './back-off.ts';
import type {GoodByes} from './connection/server-leaving.ts';
import type {Link} from './link.ts';

type KeepOptions = {
  link: Link;
  /** Of the pool: they are counted on from one loss to the next. */
  goodByes: GoodByes;
  /** Ends it, without an error. */
  signal: AbortSignal;
  /** Whether there is no connection, and nobody else makes one. */
  isAlone(): boolean;
  /** Make one connection. @returns why that failed; undefined if it did not. */
  tryOnce(): Promise<unknown>;
};

/** Try for ever to have a connection, until there is one. @param cause why the last one was lost. */
export async function keepConnected(
  cause: unknown,
  {link, goodByes, signal, isAlone, tryOnce}: KeepOptions,
): Promise<void> {
  let failure = cause;
  try {
    if (isJangadaError(cause, 'aborted')) {
      // Closed on this side, to stop a request: nothing is wrong with the server.
      link.idle();
      await pause(backOffMs(0), signal);
    }

    while (isAlone() && !signal.aborted) {
      if (!isJangadaError(failure, 'aborted') && !goodByes.costsNothing(failure)) {
        await link.nextAttempt(failure, signal);
      }

      if (isAlone() && !signal.aborted) {
        failure = (await tryOnce()) ?? failure;
      }
    }
  } catch (error) {
    if (!isJangadaError(error, 'aborted')) {
      throw error;
    }
  } finally {
    if (signal.aborted) {
      link.idle();
    }
  }
}
