/** The messages to and from the thread of a shelf. */
import type {DigestRun} from '../digest-shelf.ts';
import type {SectionToSave} from './blocking-shelf.ts';
import type {SectionKey} from './section-bytes.ts';

/** What the thread opens: a database, or a folder of files. */
export type ShelfPlace =
  | {readonly kind: 'database'; readonly file: string}
  | {readonly kind: 'folder'; readonly folder: string};

export type ShelfCall =
  | {do: 'load'; key: SectionKey}
  | {do: 'save'; sections: readonly SectionToSave[]}
  | {do: 'close'};

export type NumberedCall = {id: number; call: ShelfCall};

export type ShelfReply = {id: number} & ({runs: readonly DigestRun[]} | {error: string});
