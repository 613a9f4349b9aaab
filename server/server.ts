/** A server that is one process: a port, and what answers its clients. */
import {setTimeout as delay} from 'node:timers/promises';
import {type Logger, pino} from 'pino';
import type {Audience} from './audience.ts';
import {Port, type PortOptions} from './port.ts';
import {Serving, type ServingOptions} from './serving.ts';

export type ServerOptions = ServingOptions &
  PortOptions & {
    /** Silent without it. */
    logger?: Logger;
    /** How long a server that stops goes on serving while it tells balancers to send clients elsewhere; 0 without it. */
    drainMs?: number;
    /** How long answers under way may take once it has stopped listening; 5,000 without it. */
    graceMs?: number;
  };

export type RunningServer = {
  readonly host: string;
  readonly port: number;
  /** The address for a client, with all that it needs to know: maybe a secret. */
  readonly address: string;
  readonly audience: Audience;
  /**
   * Tell balancers for `drainMs` that it is about to stop, then stop listening, give answers under way `graceMs` to finish,
   * break off those that have not, and end. The times are those of the options, unless they are named here.
   */
  close(times?: {drainMs?: number; graceMs?: number}): Promise<void>;
};

const defaultGraceMs = 5000;

/**
 * Serve a folder. Resolves once connections are accepted.
 *
 * @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root; the error of the
 * system, such as `EADDRINUSE`, for the port.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logger = options.logger ?? pino({level: 'silent'});
  const serving = new Serving(options, logger);
  const served = {
    name: serving.name,
    door: options.door ?? {},
    trustsProxies: options.trustProxy !== undefined,
    classic: options.classic !== undefined,
  };
  let port: Port;
  try {
    port = await Port.open(options, served, socket => serving.add(socket));
  } catch (error) {
    await serving.close(0);
    throw error;
  }

  port.tell(logger);
  let closing: Promise<void> | undefined;
  const close = async (drainMs: number, graceMs: number) => {
    serving.drain();
    if (drainMs > 0) {
      logger.info(
        {seconds: drainMs / 1000},
        'stopping soon: balancers are told to send nobody here',
      );
      await delay(drainMs);
    }

    logger.info('stopping');
    port.close();
    await serving.close(graceMs);
    logger.info('stopped');
  };
  return {
    host: port.host,
    port: port.port,
    address: port.address,
    audience: port.audience,
    close({drainMs = options.drainMs ?? 0, graceMs = options.graceMs ?? defaultGraceMs} = {}) {
      closing ??= close(drainMs, graceMs);
      return closing;
    },
  };
}
