import type {RemotePath} from '../../protocol/remote-path.ts';
import type {StoredFile} from '../store/store.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';
import type {Exchange} from './exchange.ts';

/**
 * Open the file at `path`, do `work` with it and close it. Returns no promise if the store and `work` answer at once.
 *
 * @throws the error of the store or of `work`; also through the promise.
 */
export function withFile<Result>(
  {store, signal}: Pick<Exchange, 'store' | 'signal'>,
  path: RemotePath,
  work: (file: StoredFile) => Awaitable<Result>,
): Awaitable<Result> {
  return andThen(store.open(path, signal), file => workAndClose(file, work));
}

function workAndClose<Result>(
  file: StoredFile,
  work: (file: StoredFile) => Awaitable<Result>,
): Awaitable<Result> {
  let result: Awaitable<Result>;
  try {
    result = work(file);
  } catch (error) {
    file.close();
    throw error;
  }

  if (result instanceof Promise) {
    return result.finally(() => file.close());
  }

  file.close();
  return result;
}
