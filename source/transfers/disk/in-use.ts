/** The files that this process writes to, so that a file never has two writers. */
import type {Stats} from 'node:fs';

type Identity = Pick<Stats, 'dev' | 'ino'>;

/** Device and inode, so that a file counts once, whatever its name. */
const inUse = new Set<string>();

/** Whether this process writes to the file with these `stats`. */
export function isInUse(stats: Stats): boolean {
  return inUse.has(identityOf(stats));
}

/** Mark the file as being written by this process or its writer process. @returns a function that ends that. */
export function markInUse(stats: Identity): () => void {
  const identity = identityOf(stats);
  inUse.add(identity);
  return () => inUse.delete(identity);
}

/** Identifies a file on this machine. */
export function identityOf({dev, ino}: Identity): string {
  return `${dev}:${ino}`;
}
