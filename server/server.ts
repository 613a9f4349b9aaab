/** A server that is one process: a port, and what answers its clients. */
import {type Logger, pino} from 'pino';
import type {Audience} from './audience.ts';
import {closer, type StopTimes} from './close-server.ts';
import {Port, type PortOptions} from './port.ts';
import {Serving, type ServingOptions} from './serving.ts';

export type ServerOptions = ServingOptions &
  PortOptions &
  StopTimes & {
    /** Silent without it. */
    logger?: Logger;
  };

export type RunningServer = {
  readonly host: string;
  readonly port: number;
  /** The address for a client, with all that it needs to know: maybe a secret. */
  readonly address: string;
  readonly audience: Audience;
  /** Read the key and the certificate again, for connections from now on. @throws if they cannot be used: then nothing changes. */
  reload(): void;
  /**
   * Tell balancers for `drainMs` that it is about to stop, then stop listening, give answers under way `graceMs` to finish,
   * break off those that have not, and end. The times are those of the options, unless they are named here.
   */
  close(times?: StopTimes): Promise<void>;
};

/**
 * Serve a folder or a bucket. Resolves once connections are accepted.
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
    await serving.check();
    port = await Port.open(options, served, socket => serving.add(socket));
  } catch (error) {
    await serving.close(0);
    throw error;
  }

  port.tell(logger);
  const steps = {
    drain: () => serving.drain(),
    end: async (graceMs: number) => {
      port.close();
      await serving.close(graceMs);
    },
  };
  return {
    host: port.host,
    port: port.port,
    address: port.address,
    audience: port.audience,
    reload: () => options.door?.tls?.reload(),
    close: closer(options, steps, logger),
  };
}
