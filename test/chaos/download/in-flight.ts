/** Bytes that the system holds between two programs on this machine: sent, but not yet received. */
import {readFileSync} from 'node:fs';

/**
 * Bytes on their way from `port` of this machine to its peers: in the send buffers of one side and in the receive
 * buffers of the other. Known only on Linux; 0 on other systems.
 */
export function bytesInFlight(port: number): number {
  if (process.platform !== 'linux') {
    return 0;
  }

  let bytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, local, remote, , queues = ''] = line.trim().split(/\s+/);
    const [sending = '0', received = '0'] = queues.split(':');
    bytes += portOf(local) === port ? Number.parseInt(sending, 16) : 0;
    bytes += portOf(remote) === port ? Number.parseInt(received, 16) : 0;
  }

  return bytes;
}

/** The port of `0100007F:1F90` is 8080. */
function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
