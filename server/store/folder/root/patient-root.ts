/**
 * A root for a thread that may block as it likes: where no descriptor is left, its calls try again for
 * a while.
 */
import {isOutOfFiles} from '../../../../protocol/errors.ts';
import type {Root} from './root.ts';

const againMs = 50;
const patienceMs = 10_000;

/** `root`, whose calls fail for want of a descriptor only after ten seconds. */
export function patientRoot(root: Root): Root {
  return {
    handle: root.handle,
    stat: path => patiently(() => root.stat(path)),
    openFile: path => patiently(() => root.openFile(path)),
    openFolder: path => patiently(() => root.openFolder(path)),
    close: () => root.close(),
  };
}

/** The result of `work`, which is tried again for ten seconds while there is no descriptor for it. */
export function patiently<Result>(work: () => Result): Result {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isOutOfFiles(error) || performance.now() > until) {
        throw error;
      }
    }

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againMs);
  }
}
