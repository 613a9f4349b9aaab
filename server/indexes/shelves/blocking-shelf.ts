/** A shelf whose calls wait for the disk: it is used in a thread of its own (`thread-shelf.ts`). */
import type {DigestRun} from '../digest-shelf.ts';
import type {SectionKey} from './section-bytes.ts';

export type SectionToSave = {readonly key: SectionKey; readonly runs: readonly DigestRun[]};

/** Calls throw when something is wrong with the disk; the same call may succeed later. */
export interface BlockingShelf {
  load(key: SectionKey): DigestRun[];
  save(sections: readonly SectionToSave[]): void;
  close(): void;
}
