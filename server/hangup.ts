/** SIGHUP: the files of the certificate are new, or the window in which the server runs is closed. */
import process from 'node:process';
import type {Logger} from 'pino';
import type {Door} from './doors/door.ts';
import {loggedError} from './output/logged-error.ts';

/**
 * Hear SIGHUP from now on: unheard, it would end the process. A signal that comes before the server has started counts when
 * it has.
 *
 * @returns call it with what the signal does, once the server has started.
 */
export function hearHangup(): (act: () => void) => void {
  let isWaiting = false;
  let onHangup = () => {
    isWaiting = true;
  };
  process.on('SIGHUP', () => onHangup());
  return act => {
    onHangup = act;
    if (isWaiting) {
      act();
    }
  };
}

type Hung = {
  door: Door;
  logger: Logger;
  /** Whether the log goes to a terminal: a program in a window must not go on when the window is closed. */
  isInWindow: boolean;
  /** Read the key and the certificate again, for later connections. */
  reload(): void;
  /** End the server as SIGTERM does. */
  stop(): void;
};

/** What SIGHUP does to a server that has started. */
export function hangUp({door: {tls}, isInWindow, logger, reload, stop}: Hung): void {
  if (tls === undefined && isInWindow) {
    stop();
    return;
  }

  if (tls === undefined) {
    logger.info('SIGHUP: there is no certificate to read again');
    return;
  }

  try {
    reload();
    logger.info({fingerprint: `sha256:${tls.fingerprint}`}, 'read the certificate again');
  } catch (error) {
    logger.error(loggedError(error), 'cannot read the certificate: the previous one stays in use');
  }
}
