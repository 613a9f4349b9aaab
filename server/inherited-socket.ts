/** The socket that systemd has opened for this program, as sd_listen_fds(3) describes it. */
import process from 'node:process';
import {JangadaError} from '../protocol/errors.ts';

/** The first descriptor that systemd passes. */
const firstDescriptor = 3;

/**
 * The descriptor of the socket that systemd has opened for this process; undefined if there is none. Removes the
 * variables of systemd from `environment`: programs that this process starts must not see them.
 *
 * @throws JangadaError `usage` if there are several.
 */
export function inheritedSocket(environment: NodeJS.ProcessEnv): number | undefined {
  const {LISTEN_FDS: count, LISTEN_PID: forProcess} = environment;
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) {
    delete environment[name];
  }

  if (count === undefined || forProcess !== String(process.pid)) {
    return undefined;
  }

  if (count !== '1') {
    throw new JangadaError(
      'usage',
      `systemd passed ${count} sockets, but jangada-server serves one: leave one ListenStream in the socket unit`,
    );
  }

  return firstDescriptor;
}
