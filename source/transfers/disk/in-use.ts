/** The files that this process writes to: never two writers in one. */
import type {Stats} from 'node:fs';

type Identity = Pick<Stats, 'dev' | 'ino'>;

/** By device and inode, so that one file is one whatever its name. */
const inUse = new Set<string>();

/** Whether this process writes to the file with these `stats`. */
export function isInUse(stats: Stats): boolean {
  return inUse.has(identityOf(stats));
}

/** From now on this process, or its writer, writes to the file. @returns a function that ends that. */
export function markInUse(stats: Identity): () => void {
  const identity = identityOf(stats);
  inUse.add(identity);
  return () => inUse.delete(identity);
}

/** Names one file of this machine. */
export function identityOf({dev, ino}: Identity): string {
  return `${dev}:${ino}`;
}
