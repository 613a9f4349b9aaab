/** How a server stops: balancers hear of it first, then answers under way may finish, then all ends. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Logger} from 'pino';

export type StopTimes = {
  /** How long a server that stops goes on serving while it tells balancers to send clients elsewhere; 0 without it. */
  drainMs?: number;
  /** How long answers under way may take once it has stopped listening; 5,000 without it. */
  graceMs?: number;
};

type Steps = {
  /** From now on balancers are told to send clients elsewhere. */
  drain(): void;
  /** Stop listening, give answers under way `graceMs` to finish, break off those that have not, and end. */
  end(graceMs: number): Promise<void>;
};

const defaultGraceMs = 5000;

/** A function that stops a server, once: in `usual` times, unless others are named. */
export function closer(
  usual: StopTimes,
  {drain, end}: Steps,
  logger: Logger,
): (times?: StopTimes) => Promise<void> {
  const close = async (drainMs: number, graceMs: number) => {
    drain();
    if (drainMs > 0) {
      const seconds = drainMs / 1000;
      logger.info({seconds}, 'stopping soon: balancers are told to send nobody here');
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
