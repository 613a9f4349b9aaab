import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {isLoopback} from '../audience.ts';
import type {Counts} from './counts.ts';
import {exposition} from './exposition.ts';
import {type MetricsAddress, MetricsPort} from './metrics-port.ts';

/**
 * Tell the numbers of a server at `address`, and say in the log where that is.
 *
 * @param warn is told if others than programs of this machine can read them.
 * @throws JangadaError `local_io` if nothing can listen there.
 */
export async function openMetrics(
  address: MetricsAddress,
  {counts, logger, warn}: {counts: Counts; logger: Logger; warn(text: string): void},
): Promise<MetricsPort> {
  let port: MetricsPort;
  try {
    port = await MetricsPort.open(address, () => exposition(counts));
  } catch (error) {
    const place = `${displayName(address.host)}:${address.port}`;
    const code = systemErrorCode(error) ?? 'unknown error';
    throw new JangadaError(
      'local_io',
      `--metrics ${place}: nothing can listen there (${code}). Choose an address of this machine and a port that is free`,
      {cause: error},
    );
  }

  logger.info({url: port.url}, 'numbers for Prometheus');
  if (!isLoopback(port.address)) {
    warn('everybody who can reach the port of --metrics can read its numbers, without a password');
  }

  return port;
}
