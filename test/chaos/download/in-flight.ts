/** Bytes between two programs on this machine that the system holds: sent, and not yet received. */
import {readFileSync} from 'node:fs';

/**
 * Bytes on their way from `port` of this machine to whoever is connected to it: in the send
 * buffers of the one side and the receive buffers of the other. Known on Linux only: 0 elsewhere.
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

/** `0100007F:1F90` has port 8080. */
function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
