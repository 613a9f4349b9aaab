/** Opens the queue of this user, where this system keeps what a program has to remember. */
import {join} from 'node:path';
import {isJangadaError} from '../../../protocol/errors.ts';
import {stateFolder} from '../../../protocol/program/user-folders.ts';
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
