/** A shelf whose calls block until the disk answers: a thread of its own uses it (`thread-shelf.ts`). */
import type {DigestRun} from '../digest-shelf.ts';
import type {SectionKey} from './section-bytes.ts';

export type SectionToSave = {readonly key: SectionKey; readonly runs: readonly DigestRun[]};

/** Calls throw when the disk fails; the same call may succeed later. */
export interface BlockingShelf {
  load(key: SectionKey): DigestRun[];
  save(sections: readonly SectionToSave[]): void;
  close(): void;
}
