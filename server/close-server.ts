/** How a server stops: it tells balancers, then lets running answers finish, then ends. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Logger} from 'pino';

export type StopTimes = {
  /** How long a stopping server still serves while it tells balancers to send clients elsewhere. Default: 0. */
  drainMs?: number;
  /** How long running answers may take after the server has stopped listening. Default: 5,000. */
  graceMs?: number;
};

type Steps = {
  /** From now on, tell balancers to send clients elsewhere. */
  drain(): void;
  /** Stop listening, give running answers `graceMs` to finish, break off the others, and end. */
  end(graceMs: number): Promise<void>;
};

const defaultGraceMs = 5000;

/** A function that stops a server once. It uses the `usual` times where the caller names none. */
export function closer(
  usual: StopTimes,
  {drain, end}: Steps,
  logger: Logger,
): (times?: StopTimes) => Promise<void> {
  const close = async (drainMs: number, graceMs: number) => {
    drain();
    if (drainMs > 0) {
      const seconds = drainMs / 1000;
      logger.info({seconds}, 'stopping soon: balancers learn that they must send no more clients');
      await delay(drainMs);
    }

    logger.info('stopping');
    await end(graceMs);
    logger.info('stopped');
  };
  let closing: Promise<void> | undefined;
  return ({drainMs = usual.drainMs ?? 0, graceMs = usual.graceMs ?? defaultGraceMs} = {}) => {
    closing ??= close(drainMs, graceMs);
    return closing;
  };
}
