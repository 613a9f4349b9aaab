/**
 * A root for a search, whose thread may block: if no descriptor is left, its calls retry for a while.
 */
import {isOutOfFiles} from '../../../../protocol/errors.ts';
import type {Root} from './root.ts';

const againMs = 50;
const patienceMs = 10_000;

export type PatientRoot = Root & {
  /** The result of `work`, which is retried while no descriptor is left. */
  patiently<Result>(work: () => Result): Result;
};

/**
 * Wrap `root`: its calls wait for descriptors for ten seconds in total. After that, each call without a descriptor fails at
 * once, so the search ends.
 */
export function patientRoot(root: Root): PatientRoot {
  let leftMs = patienceMs;
  const patiently = <Result>(work: () => Result): Result => {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isOutOfFiles(error) || leftMs <= 0) {
          throw error;
        }
      }

      const startedAt = performance.now();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againMs);
      leftMs -= performance.now() - startedAt;
    }
  };
  return {
    handle: root.handle,
    stat: path => patiently(() => root.stat(path)),
    isInside: path => patiently(() => root.isInside(path)),
    openFile: path => patiently(() => root.openFile(path)),
    inFolder: (path, work) => patiently(() => root.inFolder(path, work)),
    openFolder: path => patiently(() => root.openFolder(path)),
    close: () => root.close(),
    patiently,
  };
}
