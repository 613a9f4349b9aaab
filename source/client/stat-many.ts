/** Looks up many paths on a server over one connection. One by one, each would cost a round trip. */
import {isJangadaError, isTransient, JangadaError, wireErrorCodes} from '../../protocol/errors.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {ask, type CallOptions, type StatEntry} from './ask.ts';
import type {Client} from './client.ts';
import type {Connection} from './connection/connection.ts';

const mostAhead = 64;

const aboutOnePath = wireErrorCodes.filter(
  code => !isTransient(new JangadaError(code, '')) && code !== 'unauthorized',
);

/**
 * For each of `paths`, in order: the entry, or the server's error about it (for example `not_found`).
 *
 * @throws JangadaError `connection_lost`, `protocol`, `aborted` and other errors that concern all paths.
 */
export async function statMany(
  client: Pick<Client, 'withConnection'>,
  paths: readonly RemotePath[],
  options: CallOptions = {},
): Promise<Array<StatEntry | JangadaError>> {
  return await client.withConnection(
    async connection => {
      const ahead = Math.min(mostAhead, connection.hello.limits.pipelined);
      const found: Array<StatEntry | JangadaError> = [];
      for (let from = 0; from < paths.length; from += ahead) {
        const next = paths.slice(from, from + ahead);
        found.push(...(await Promise.all(next.map(path => statOne(connection, path)))));
      }

      return found;
    },
    {...options, ofMain: true},
  );
}

async function statOne(
  connection: Connection,
  path: RemotePath,
): Promise<StatEntry | JangadaError> {
  try {
    return await ask(connection, 'stat', {path}, 'entry', {});
  } catch (error) {
    if (isJangadaError(error, ...aboutOnePath)) {
      return error;
    }

    throw error;
  }
}
