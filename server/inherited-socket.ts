/** The socket that systemd has opened for this program, as sd_listen_fds(3) describes it. */
import process from 'node:process';
import {JangadaError} from '../protocol/errors.ts';

/** The first descriptor that is handed over. */
const firstDescriptor = 3;

/**
 * The descriptor of the socket that somebody has opened for this process; undefined if nobody has. The
 * variables that say so are taken out of `environment`: they are not for programs that this one starts.
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
      `${count} sockets were handed over, and one can be served: leave one ListenStream in the socket unit`,
    );
  }

  return firstDescriptor;
}
