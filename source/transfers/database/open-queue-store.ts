/** Opens the queue of this user, where this system keeps what a program has to remember. */
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import {isJangadaError} from '../../../protocol/errors.ts';
import {absolutePath} from '../../../protocol/program/local-path.ts';
import {QueueStore} from './queue-store.ts';

/**
 * The store in the folder that JANGADA_STATE names, or else in the user's state folder. Where there
 * can be none, downloads work all the same: `store` is undefined, and `notice` says why.
 */
export function openQueueStore(environment: NodeJS.ProcessEnv): {
  store: QueueStore | undefined;
  notice: string | undefined;
} {
  try {
    const store = new QueueStore(join(stateFolder(environment), 'queue.db'));
    return {store, notice: store.notice};
  } catch (error) {
    if (!isJangadaError(error)) {
      throw error;
    }

    return {store: undefined, notice: `The queue ends with this program: ${error.message}`};
  }
}

/**
 * The folder in which this user's queue and servers are remembered.
 *
 * @throws JangadaError `usage` if JANGADA_STATE names none; `local_io` without a current folder.
 */
export function stateFolder(environment: NodeJS.ProcessEnv): string {
  const {JANGADA_STATE: named, XDG_STATE_HOME = ''} = environment;
  if (named) {
    return absolutePath(named, 'JANGADA_STATE');
  }

  if (process.platform !== 'linux') {
    // Those have no folder for state alone.
    return envPaths('jangada', {suffix: ''}).data;
  }

  // The standard wants a relative path ignored: it would be another folder from each place.
  const base = isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(homedir(), '.local', 'state');
  return join(base, 'jangada');
}
