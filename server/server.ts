/** A server in one process: a port, and the `Serving` that answers its clients. */
import {type Logger, pino} from 'pino';
import type {Audience} from './audience.ts';
import {closer, type StopTimes} from './close-server.ts';
import {Port, type PortOptions} from './port.ts';
import {Serving, type ServingOptions} from './serving.ts';

export type ServerOptions = ServingOptions &
  PortOptions &
  StopTimes & {
    /** Default: no log. */
    logger?: Logger;
  };

export type RunningServer = {
  readonly host: string;
  readonly port: number;
  /** The address for a client, with everything that the client needs; may contain the token. */
  readonly address: string;
  readonly audience: Audience;
  /** Read the key and the certificate again, for later connections. @throws if they are not usable; then the old ones stay. */
  reload(): void;
  /**
   * Tell balancers for `drainMs` that the server is about to stop, then stop listening, give running answers `graceMs` to
   * finish, break off the others, and end. The options have the times, unless the caller names others.
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
