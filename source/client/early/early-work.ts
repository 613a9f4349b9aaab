/** Work that begins as soon as it has a connection: on a new one, before its greeting. */
import type {Connection} from '../connection/connection.ts';
import type {Pool} from '../pool.ts';

export type EarlyWork<Work> = {readonly connection: Connection; readonly work: Work};

/**
 * Take an idle connection or open one, and begin the work. Resolves once the connection has been greeted. If the work
 * began on a connection that could not be used, it begins again on the next one.
 *
 * @param begin sends requests, which leave directly behind the preface of a new connection.
 * @throws JangadaError as `Pool.acquire`.
 */
export async function beginEarly<Work>(
  pool: Pool,
  begin: (connection: Connection) => Work,
  signal: AbortSignal | undefined,
): Promise<EarlyWork<Work>> {
  let early: EarlyWork<Work> | undefined;
  const start = (connection: Connection): EarlyWork<Work> => {
    early = {connection, work: begin(connection)};
    return early;
  };
  const connection = await pool.acquire(signal, start);
  return early?.connection === connection ? early : start(connection);
}
