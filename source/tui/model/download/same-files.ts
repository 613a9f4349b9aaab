/**
 * Finds the files of a download that are here already, with the same content: they were compared with the server's, and
 * neither file was changed since. A listing on the screen may be older than the server's file, so the server is asked.
 */
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {statMany} from '../../../client/stat-many.ts';
import {holds} from '../../../transfers/download/here/judge-copy.ts';
import type {Conflict, NewTransfer, Verdict} from '../../../transfers/queue/queue.ts';
import type {RemoteVersion} from '../../../transfers/terms/verdict.ts';

type Options = {
  readonly client: Pick<Client, 'link' | 'onLink' | 'withConnection'>;
  /** The last comparison of a local file. */
  readonly verdictOn: (localFile: string) => Verdict | undefined;
  /** Size and time of the server's file when the download was planned. */
  readonly plannedOf: (transfer: NewTransfer) => Pick<RemoteVersion, 'size' | 'mtimeMs'>;
  /** Files whose planned size and time are those of a listing, which may be old. */
  readonly listed: ReadonlySet<RemotePath>;
  /** Called when the server has not answered for a while. */
  readonly late: () => void;
  readonly signal: AbortSignal;
};

type KnownFiles = {
  readonly same: readonly NewTransfer[];
  /** Files of the server about which it was asked. */
  readonly there: ReadonlyMap<RemotePath, RemoteVersion>;
};

export const nothingKnown: KnownFiles = {same: [], there: new Map()};

/** Lookups in the database that are made in one step; keys and pictures come between steps. */
const slice = 500;

const lateMs = 500;

/**
 * Those of `conflicts` that are the same. A listed file about which the server cannot be asked is not among them.
 *
 * @throws JangadaError `aborted`.
 */
export async function knownSame(
  conflicts: readonly Conflict[],
  options: Options,
): Promise<KnownFiles> {
  const {plannedOf, listed} = options;
  const equal = await equalOnes(conflicts, options);
  const paths = equal.map(({verdict}) => verdict.remotePath).filter(path => listed.has(path));
  const there = await versionsOf(paths, options);
  const same = equal.filter(({conflict, verdict}) => {
    const {remotePath} = verdict;
    if (!listed.has(remotePath)) {
      return holds(verdict, conflict, plannedOf(conflict.transfer));
    }

    const now = there.get(remotePath);
    return now?.version === verdict.remote.version && holds(verdict, conflict, now);
  });
  return {same: same.map(({conflict}) => conflict.transfer), there};
}

type Equal = {readonly conflict: Conflict; readonly verdict: Verdict};

/** Local files that were equal to the server's when they were compared, and were not changed since. */
async function equalOnes(
  conflicts: readonly Conflict[],
  {verdictOn}: Options,
): Promise<readonly Equal[]> {
  const equal: Equal[] = [];
  for (const [index, conflict] of conflicts.entries()) {
    const verdict = verdictOn(conflict.path);
    if (
      verdict?.equal === true &&
      verdict.remotePath === conflict.transfer.remotePath &&
      verdict.state === conflict.state
    ) {
      equal.push({conflict, verdict});
    }

    if (index % slice === slice - 1) {
      await new Promise(setImmediate);
    }
  }

  return equal;
}

/**
 * The present versions of the files at `paths`; none of a server that does not answer, because a user who waits for a
 * question does not want to wait for a connection.
 */
async function versionsOf(
  paths: readonly RemotePath[],
  {client, late, signal}: Options,
): Promise<ReadonlyMap<RemotePath, RemoteVersion>> {
  const versions = new Map<RemotePath, RemoteVersion>();
  if (paths.length === 0 || client.link.name === 'waiting') {
    return versions;
  }

  const lost = new AbortController();
  const unsubscribe = client.onLink(({name}) => {
    if (name === 'waiting') {
      lost.abort();
    }
  });
  const timer = setTimeout(late, lateMs);
  try {
    const found = await statMany(client, paths, {signal: AbortSignal.any([signal, lost.signal])});
    for (const [index, entry] of found.entries()) {
      const path = paths[index];
      if (path !== undefined && !(entry instanceof JangadaError) && entry?.type === 'file') {
        versions.set(path, entry);
      }
    }
  } catch (error) {
    // Without an answer of the server, the user is asked about each file.
    if (signal.aborted || !isJangadaError(error)) {
      throw error;
    }
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }

  return versions;
}
