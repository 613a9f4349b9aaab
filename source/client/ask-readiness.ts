/** Asks a server whether it is ready, as a load balancer does: without a token, and without taking a place. */
import {Buffer} from 'node:buffer';
import {type Address, serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, throwIfAborted} from '../../protocol/errors.ts';
import {
  type ReadinessState,
  readinessAnswer,
  readinessQuestion,
  readinessStates,
} from '../../protocol/readiness.ts';
import type {CallOptions} from './ask.ts';
import {CertificateError} from './connection/certificate-error.ts';
import {patienceWith} from './connection/connection-options.ts';
import {foreignAnswer} from './connection/foreign-server.ts';
import {ungreeted, unreachable, wayError} from './connection/link-error.ts';
import {dial} from './connection/ways/dial.ts';
import type {Ssh} from './connection/ways/ssh/ssh.ts';

/** Most bytes of an answer that are kept. The longest valid answer is shorter. */
const mostBytes = 256;

/**
 * The state that the server reports. The server's certificate is compared only with a fingerprint in `address`, because
 * the request contains no secret.
 *
 * @throws JangadaError `unreachable`, `untrusted`, `unsupported` by an older server, `aborted`.
 */
export async function askReadiness(
  address: Address,
  {signal, ssh}: CallOptions & {ssh: Ssh},
): Promise<ReadinessState> {
  throwIfAborted(signal);
  const answer = Promise.withResolvers<ReadinessState>();
  const room = Buffer.alloc(mostBytes);
  let came = Buffer.alloc(0);
  const way = dial(
    address,
    {
      open(session) {
        const {fingerprint} = address.scheme === 'jangadas' ? address : {};
        if (session !== undefined && (fingerprint ?? session.fingerprint) !== session.fingerprint) {
          answer.reject(new CertificateError(address, session.fingerprint, fingerprint));
        } else {
          way.write(readinessQuestion);
        }
      },
      room: () => room,
      read(count, buffer) {
        came = Buffer.concat([came, buffer.subarray(0, count)]).subarray(0, mostBytes);
        const state = readinessStates.find(state =>
          came.equals(Buffer.from(readinessAnswer(state))),
        );
        if (state !== undefined) {
          answer.resolve(state);
        }

        return true;
      },
      failed: error => answer.reject(wayError(error, address, false)),
      ended: () => answer.reject(whyNot(address, came)),
      closed: () => answer.reject(whyNot(address, came)),
    },
    ssh,
  );
  const late = () => answer.reject(unreachable(address, 'it did not answer in time'));
  const timer = setTimeout(late, patienceWith(address));
  const onAbort = () => answer.reject(new JangadaError('aborted', 'Stopped on request'));
  signal?.addEventListener('abort', onAbort, {once: true});
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    way.destroy();
  }
}

/** Explains why the server closed the connection after it had sent `bytes`, which are not a valid answer. */
function whyNot(address: Address, bytes: Buffer): JangadaError {
  const name = displayName(serverName(address));
  const how = foreignAnswer(bytes);
  if (bytes.length === 0) {
    return ungreeted(address, new Error('no answer'));
  }

  return how === undefined
    ? new JangadaError(
        'unsupported',
        `${name} is an older jangada-server that cannot say whether it is ready: use jangada list to see whether it serves`,
      )
    : new JangadaError(
        'unreachable',
        `The program that listens on ${name} is not a jangada-server (it answered ${how}). Check the address`,
      );
}
