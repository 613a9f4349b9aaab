/** Opens the queue of this user in the state folder. */
import {join} from 'node:path';
import {isJangadaError} from '../../../protocol/errors.ts';
import {stateFolder} from '../../../protocol/program/user-folders.ts';
import {QueueStore} from './queue-store.ts';

/**
 * The store in the folder named by JANGADA_STATE, or in the user's state folder. If there can be none, downloads still
 * work: then `store` is undefined, and `notice` says why.
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

    return {
      store: undefined,
      notice: `The queue cannot be kept when this program ends: ${error.message}`,
    };
  }
}
