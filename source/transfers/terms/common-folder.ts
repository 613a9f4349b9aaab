/** Finds the folder that some files have in common. */
import {sep} from 'node:path';

/** The deepest folder that contains both folders, or is one of them. Both are absolute paths without a `/` at the end. */
export function commonFolder(one: string, other: string): string {
  if (one === other) {
    return one;
  }

  const names = one.split(sep);
  const others = other.split(sep);
  const shared = names.findIndex((name, index) => name !== others[index]);
  const [root = '', ...below] = shared === -1 ? names : names.slice(0, shared);
  return below.length === 0 ? `${root}${sep}` : [root, ...below].join(sep);
}
