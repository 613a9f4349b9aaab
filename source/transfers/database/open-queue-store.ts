/** Opens the queue of this user, where this system keeps what a program has to remember. */
import {join} from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import {isJangadaError} from '../../../protocol/errors.ts';
import {QueueStore} from './queue-store.ts';

/**
 * The store in the folder that JANGADA_STATE names, or else in the user's state folder. Where there
 * can be none, downloads work all the same: `store` is undefined, and `notice` says why.
 */
export function openQueueStore(environment: NodeJS.ProcessEnv): {
  store: QueueStore | undefined;
  notice: string | undefined;
} {
  const file = join(environment.JANGADA_STATE || stateFolder(), 'queue.db');
  try {
    const store = new QueueStore(file);
    return {store, notice: store.notice};
  } catch (error) {
    if (!isJangadaError(error)) {
      throw error;
    }

    return {store: undefined, notice: `The queue ends with this program: ${error.message}`};
  }
}

function stateFolder(): string {
  const paths = envPaths('jangada', {suffix: ''});
  // On Linux that is below XDG_STATE_HOME; the others have no folder for state alone.
  return process.platform === 'linux' ? paths.log : paths.data;
}
