import {Worker} from 'node:worker_threads';

/** A thread needs one block and little else. Without limits its heap would grow to several times that. */
const resourceLimits = {maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32};

/** Start the thread of `NAME.ts` in this folder. */
export function startThread(name: 'check-worker' | 'checksum-worker'): Worker {
  // The build puts all programs and threads into one folder.
  const file = import.meta.url.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`;
  return new Worker(new URL(file, import.meta.url), {resourceLimits});
}
