/** Work that begins as soon as it has a connection: on a new one, before its greeting. */
import type {Connection} from '../connection/connection.ts';
import type {Pool} from '../pool.ts';
import type {Choice} from '../servers/server-set.ts';

export type EarlyWork<Work> = {readonly connection: Connection; readonly work: Work};

type EarlyOptions = Choice & {
  readonly signal?: AbortSignal | undefined;
  /** Whether the work may begin before the greeting. Default: it may. */
  readonly early?: boolean | undefined;
};

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
  {signal, early = true, ...choice}: EarlyOptions,
): Promise<EarlyWork<Work>> {
  let begun: EarlyWork<Work> | undefined;
  const start = (connection: Connection): EarlyWork<Work> => {
    begun = {connection, work: begin(connection)};
    return begun;
  };
  const connection = await pool.acquire(signal, early ? start : undefined, choice);
  return begun?.connection === connection ? begun : start(connection);
}
