import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {isLoopback} from '../audience.ts';
import type {Counts} from './counts.ts';
import {exposition} from './exposition.ts';
import {type MetricsAddress, MetricsPort} from './metrics-port.ts';

/**
 * Open the port for metrics at `address`, and log its URL.
 *
 * @param warn called if other machines can read the metrics.
 * @throws JangadaError `local_io` if the server cannot listen there.
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
      `--metrics ${place}: the server cannot listen there (${code}). Choose an address of this machine and a free port`,
      {cause: error},
    );
  }

  logger.info({url: port.url}, 'numbers for Prometheus');
  if (!isLoopback(port.address)) {
    warn('everybody who can reach the port of --metrics can read its numbers, without a password');
  }

  return port;
}
