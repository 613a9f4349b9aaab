/** Errors for a server that cannot be reached, or whose connection was lost. */
import {type Address, serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';

/** The error `connection_lost`. @param why in a few words, also used as `brief`. */
export function lost(why: string, cause?: unknown): JangadaError {
  return new JangadaError('connection_lost', `The connection is lost: ${why}`, {cause, brief: why});
}

/** The error `unreachable`, with the address and advice. @param why in a few words, also used as `brief`. */
export function unreachable(address: Address, why: string, cause?: unknown): JangadaError {
  const advice =
    address.scheme === 'ssh' ? '' : '. Check the address, and that jangada-server runs there';
  return new JangadaError(
    'unreachable',
    `No connection to ${displayName(serverName(address))}: ${why}${advice}`,
    {cause, brief: why},
  );
}

const ungreetedBrief = 'it closed the connection without a greeting';

/** The error `unreachable` for a program that accepts the connection and closes it before a greeting. */
export function ungreeted(address: Address, cause: Error): JangadaError {
  const brief = ungreetedBrief;
  const advice =
    address.scheme === 'jangada'
      ? 'It may expect TLS: then its address begins with jangadas://. '
      : '';
  return new JangadaError(
    'unreachable',
    `The program that listens on ${displayName(serverName(address))} is not a jangada-server, or is one that cannot answer now (${brief}). ${advice}Check the address`,
    {cause, brief},
  );
}

/**
 * The text of `error` for an address where a jangada-server has answered before. If there is no greeting now, the cause
 * is not another program: the server is stopping or starting, or a load balancer has no server behind it.
 */
export function ofKnownServer(address: Address, error: unknown): unknown {
  if (!isJangadaError(error, 'unreachable') || error.brief !== ungreetedBrief) {
    return error;
  }

  return new JangadaError(
    'unreachable',
    `${displayName(serverName(address))} cannot answer now: ${ungreetedBrief}`,
    {cause: error, brief: ungreetedBrief},
  );
}

/**
 * Turns an error of the system, or of the way itself, into a JangadaError. @param isGreeted whether the server has sent
 * its greeting.
 */
export function wayError(
  error: NodeJS.ErrnoException,
  address: Address,
  isGreeted: boolean,
): JangadaError {
  if (error instanceof JangadaError) {
    return error;
  }

  if (error.code === 'EMFILE' || error.code === 'ENFILE') {
    const message = 'Too many files are open here: raise the limit (ulimit -n), then try again';
    return new JangadaError('local_io', message, {cause: error});
  }

  if (!isGreeted && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
    return ungreeted(address, error);
  }

  const why = reasons[error.code ?? ''] ?? error.code ?? 'the network failed';
  return isGreeted ? lost(why, error) : unreachable(address, why, error);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no host has that name',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'no route leads to that host',
  ENETUNREACH: 'no route leads to that network',
  ECONNRESET: 'the other side closed the connection',
  EPIPE: 'the other side closed the connection',
};
