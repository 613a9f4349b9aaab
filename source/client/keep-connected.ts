/** Reopens the last connection when it is lost. For interactive programs. */
import {isJangadaError} from '../../protocol/errors.ts';
import {backOffMs, pause} from './back-off.ts';
import type {GoodByes} from './connection/server-leaving.ts';
import type {Link} from './link.ts';

type KeepOptions = {
  link: Link;
  /** The pool's: the count continues from one loss to the next. */
  goodByes: GoodByes;
  /** Aborting it ends the attempts, without an error. */
  signal: AbortSignal;
  /** Whether there is no connection and no other caller is opening one. */
  isAlone(): boolean;
  /** Open one connection. @returns the reason if that fails, otherwise undefined. */
  tryOnce(): Promise<unknown>;
};

/** Try for ever to connect, until there is a connection. @param cause why the last one was lost. */
export async function keepConnected(
  cause: unknown,
  {link, goodByes, signal, isAlone, tryOnce}: KeepOptions,
): Promise<void> {
  let failure = cause;
  try {
    if (isJangadaError(cause, 'aborted')) {
      // This side closed the connection to cancel a request: the server is well.
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
