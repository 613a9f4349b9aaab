import {isTransient, throwIfAborted} from '../../../protocol/errors.ts';
import type {Connection} from '../connection/connection.ts';
import type {Choice, ServerSet, ServerState} from './server-set.ts';

type Tools = {
  connect(server: ServerState): Promise<Connection>;
  /** A connection that became free meanwhile. */
  idle(): Connection | undefined;
  signal: AbortSignal;
};

/**
 * Connects to the server that `choice` names; if that fails, to the next one, and so on.
 *
 * @returns the failure if no server answers: the first transient one, otherwise the first one.
 * @throws JangadaError `aborted`; the error that `choice.otherwise` returns.
 */
export async function firstAnswer(
  servers: ServerSet,
  choice: Choice,
  {connect, idle, signal}: Tools,
): Promise<{connection: Connection} | {failure: unknown}> {
  const failures: unknown[] = [];
  const tried = new Set<ServerState>();
  for (let server = servers.choose(choice); server; server = servers.choose(choice, tried)) {
    try {
      return {connection: await connect(server)};
    } catch (error) {
      throwIfAborted(signal);
      servers.failed(server, error);
      failures.push(error);
      tried.add(server);
      // The server accepts no more connections, or is slow to refuse: a connection that became free meanwhile will do.
      const connection = isTransient(error) ? idle() : undefined;
      if (connection !== undefined) {
        return {connection};
      }
    }
  }

  const otherwise = servers.otherwise(choice);
  if (otherwise !== undefined) {
    throw otherwise;
  }

  return {failure: failures.find(error => isTransient(error)) ?? failures[0]};
}
